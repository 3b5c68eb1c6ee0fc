import { POINT } from '../program/windows.js';
import type { Program, Step, StepOf } from '../program/program.js';

/**
 * Rewrites a program for eight bits: `x · scale + shift` per channel becomes a depthwise convolution of one pixel, whose
 * weights have a scale of their own for each channel and so lose nothing, where a tensor of factors would share one.
 */
export function prepareProgram(program: Program): Program {
  const steps = program.steps.map((step): Step => {
    const shape = program.values.get(step.output)?.shape ?? [];
    return step.kind === 'affine' && shape.length === 4 && step.exact !== true
      ? depthwiseOf(step, shape.at(-1) ?? 1)
      : step;
  });
  return { ...program, steps };
}

function depthwiseOf({ scale, shift, ...step }: StepOf<'affine'>, channels: number): Step {
  const vector = (values: Float64Array) =>
    Float32Array.from({ length: channels }, (_, i) => (values.length === 1 ? values[0] : values[i]) ?? 0);
  return {
    ...step,
    kind: 'depthwise',
    window: POINT,
    kernel: vector(scale),
    bias: vector(shift),
    multiplier: 1,
  };
}

/** Kinds that TensorFlow Lite's and ONNX Runtime's kernels compute in eight bits. */
const INT8: ReadonlySet<Step['kind']> = new Set([
  'conv',
  'depthwise',
  'dense',
  'add',
  'subtract',
  'multiply',
  'averagePool',
  'maxPool',
  'globalAverage',
  'globalMax',
  'pad',
  'crop',
  'reshape',
  'concat',
  'unary',
  'leakyRelu',
  'hardGate',
]);

/** Why a step cannot be in eight bits, if it cannot. */
export function floatReason(step: Step): string | undefined {
  if (step.exact === true) return 'arithmetic on raw pictures or probabilities';
  if (!INT8.has(step.kind)) return `no 8-bit kernel for ${step.kind}`;
  if (step.kind === 'unary' && step.function === 'softmax') return 'probabilities need more than 8 bits';
  return undefined;
}
