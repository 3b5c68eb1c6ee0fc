import type { Program, StepOf } from '../program/program.js';

/** `real = scale · (stored − zeroPoint)`, stored in int8 (−128..127). */
export interface Affine8 {
  /** Exact in float32, positive. */
  readonly scale: number;
  readonly zeroPoint: number;
}

/** A weighted step's numbers: kernel symmetric per filter, bias in units of input scale · kernel scale. */
export interface QuantizedWeights {
  /** In the layout of the step's own kernel, −127..127. */
  readonly kernel: Int8Array;
  /** One per filter. */
  readonly scales: Float32Array;
  readonly bias: Int32Array;
  /** One per filter: the input's scale times the kernel's. */
  readonly biasScales: Float32Array;
}

/** A {@link Program} with what its values and weights are stored as; written to TensorFlow Lite and to ONNX alike. */
export interface QuantizedProgram {
  readonly program: Program;
  /** Stored form of every value that an int8 step makes or reads; the others stay float32. */
  readonly values: ReadonlyMap<string, Affine8>;
  /** By step name; steps that are kept have none. */
  readonly weights: ReadonlyMap<string, QuantizedWeights>;
  /** Steps that stay in float32, with the reason in words. */
  readonly kept: ReadonlyMap<string, string>;
}

/** A step with a kernel and a bias. */
export type Weighted = StepOf<'conv' | 'depthwise' | 'dense'>;

/** Whether a step has weights. */
export function isWeighted(step: Program['steps'][number]): step is Weighted {
  return step.kind === 'conv' || step.kind === 'depthwise' || step.kind === 'dense';
}

/** A step whose result is `factor` times as large. */
export function scaledWeights<S extends Weighted>(step: S, factor: number): S {
  const times = (value: number) => value * factor;
  return { ...step, kernel: step.kernel.map(times), bias: step.bias.map(times) };
}

/** Filter of a kernel's i-th value: depthwise kernels have their outputs innermost, the others outermost. */
export function filterOf(step: Weighted, i: number): number {
  const filters = step.bias.length;
  return step.kind === 'depthwise' ? i % filters : Math.floor((i * filters) / step.kernel.length);
}

/** Input channel of a kernel's i-th value. */
export function channelOf(step: Weighted, i: number): number {
  const filters = step.bias.length;
  if (step.kind === 'depthwise') return Math.floor((i % filters) / step.multiplier);
  const size = step.kernel.length / filters;
  if (step.kind === 'dense') return i % size;
  const depth = size / (step.window.size[0] * step.window.size[1]);
  const group = Math.floor(filterOf(step, i) / (filters / step.groups));
  return (i % depth) + depth * group;
}
