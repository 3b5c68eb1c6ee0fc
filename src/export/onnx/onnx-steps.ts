import { sizeOf, type Shape } from '../../core/tensor.js';
import { NEARLY_ZERO } from '../../lower/shield-padding.js';
import { permuteAxes } from '../../layers/permute.js';
import type { Value } from '../../onnx/graph.js';
import type { PlainAttributes } from '../../onnx/schema.js';
import type { Program, SlidingWindow, Step, StepOf } from '../program/program.js';
import { onnxAxis, type OnnxWriter } from './onnx-writer.js';

/** Adds the node of a step under a name for its value before the fused activation; may add nodes before it. */
type Rule<S extends Step> = (writer: OnnxWriter, step: S, output: string, program: Program) => Value;

const RULES: { readonly [K in Step['kind']]: Rule<StepOf<K>> } = {
  conv: (writer, step, output) => {
    const { kernel, bias, window, groups } = step;
    const [kh, kw] = window.size;
    const filters = bias.length;
    const depth = kernel.length / (filters * kh * kw);
    const oihw = permuteAxes(kernel, [filters, kh, kw, depth], [0, 3, 1, 2]);
    return convolve(writer, step, oihw, [filters, depth, kh, kw], groups, output);
  },
  depthwise: (writer, step, output) => {
    const { kernel, bias, window, multiplier } = step;
    const [kh, kw] = window.size;
    const channels = bias.length / multiplier;
    const grouped = permuteAxes(kernel, [kh, kw, channels, multiplier], [2, 3, 0, 1]);
    return convolve(writer, step, grouped, [bias.length, 1, kh, kw], channels, output);
  },
  dense: (writer, step, output) => {
    const { kernel, bias } = step;
    const weight = writer.weight(step, 'kernel', kernel, [bias.length, kernel.length / bias.length]);
    const addend = writer.weight(step, 'bias', bias, [bias.length]);
    return writer.node('Gemm', [writer.input(step), weight, addend], output, { transB: 1 }, step.name);
  },
  affine,
  add: binary('Add'),
  subtract: binary('Sub'),
  multiply: binary('Mul'),
  divide: binary('Div'),
  averagePool: pool('AveragePool'),
  maxPool: pool('MaxPool'),
  globalAverage: (writer, step, output) => globalPool(writer, step, output, 'GlobalAveragePool', {}),
  globalMax: (writer, step, output) => {
    const [, , height = 1, width = 1] = writer.input(step).shape;
    return globalPool(writer, step, output, 'MaxPool', { kernel_shape: [height, width] });
  },
  pad: (writer, step, output, program) => {
    const [top, left, bottom, right] = step.pads;
    const pads = writer.builder.ints([0, 0, top, left, 0, 0, bottom, right]);
    const fill = onlyMaxPooled(program, step.output) ? writer.scalar(step, NEARLY_ZERO) : undefined;
    return writer.node('Pad', [writer.input(step), pads, fill], output, { mode: 'constant' }, step.name);
  },
  crop: (writer, step, output) => {
    const x = writer.input(step);
    const [, , height = 1, width = 1] = x.shape;
    const [top, left, bottom, right] = step.pads;
    const ranges = [
      [top, left],
      [height - bottom, width - right],
      [2, 3],
    ];
    const inputs = [x, ...ranges.map((range) => writer.builder.ints(range))];
    return writer.node('Slice', inputs, output, {}, step.name);
  },
  reshape,
  concat: (writer, step, output) => {
    const values = step.inputs.map((_, i) => writer.input(step, i));
    const axis = onnxAxis(step.axis, values[0]?.shape.length ?? 1);
    return writer.node('Concat', values, output, { axis }, step.name);
  },
  unary: (writer, step, output) => unary(writer, step, step.function, writer.input(step), output),
  leakyRelu: (writer, step, output) => {
    const x = writer.input(step);
    const scaled = writer.builder.within(step.name, () =>
      writer.o.op('Mul', [x, writer.scalar(step, step.parameter)]),
    );
    return writer.node(step.parameter <= 1 ? 'Max' : 'Min', [x, scaled], output);
  },
  minimum: (writer, step, output) =>
    writer.node('Clip', [writer.input(step), undefined, writer.scalar(step, step.parameter)], output),
  reciprocal: (writer, step, output) =>
    writer.node('Div', [writer.scalar(step, step.parameter), writer.input(step)], output),
  hardGate: (writer, step, output) => {
    const { name, shift } = step;
    const shifted = writer.node('Add', [writer.input(step), writer.scalar(step, shift)], `${name}/shifted`);
    return writer.node('Clip', [shifted, writer.scalar(step, 0), writer.scalar(step, 2 * shift)], output);
  },
  pixels: (writer, step, output) => {
    const { builder, o } = writer;
    const pixels = writer.original(step.inputs[0] ?? '');
    const channelsFirst = builder.within(step.name, () => o.transpose(pixels, [0, 3, 1, 2]));
    return writer.node('Cast', [channelsFirst], output, { to: 1 });
  },
  resample: (writer, step, output) => {
    const x = writer.input(step);
    const [, , h = 1, w = 1] = x.shape;
    const rows = writer.weight(step, 'rows', step.rows, [step.rows.length / h, h]);
    const columns = writer.weight(step, 'columns', step.columns, [w, step.columns.length / w]);
    const narrow = writer.builder.within(step.name, () => writer.o.matMul(x, columns));
    return writer.node('MatMul', [rows, narrow], output);
  },
};

function onlyMaxPooled({ steps, outputs }: Program, value: string): boolean {
  const readers = steps.filter((step) => step.inputs.includes(value));
  return readers.every(({ kind }) => kind === 'maxPool') && outputs.every((output) => output.value !== value);
}

/** Adds the nodes of one step. */
export function writeStep(writer: OnnxWriter, step: Step, program: Program): void {
  const { activation, name, output } = step;
  const made = writer.nameOf(step);
  const inner = activation === 'none' ? made : name === output ? `${name}/linear` : name;
  const rule = RULES[step.kind] as Rule<Step>;
  const value = rule(writer, step, inner, program);
  writer.define(output, activation === 'none' ? value : unary(writer, step, activation, value, made));
}

function convolve(
  writer: OnnxWriter,
  step: StepOf<'conv' | 'depthwise'>,
  kernel: Float32Array,
  shape: Shape,
  group: number,
  output: string,
): Value {
  const { window, bias } = step;
  const inputs = [
    writer.input(step),
    writer.weight(step, 'kernel', kernel, shape),
    writer.weight(step, 'bias', bias, [bias.length]),
  ];
  const attributes = { ...windowAttributes(window), dilations: window.dilations, group };
  return writer.node('Conv', inputs, output, attributes, step.name);
}

function windowAttributes({ size, strides, pads }: SlidingWindow): PlainAttributes {
  return { kernel_shape: size, strides, pads };
}

/** `x · scale + shift`, without the parts that change nothing. */
function affine(writer: OnnxWriter, step: StepOf<'affine'>, output: string): Value {
  const x = writer.input(step);
  const vector = (what: string, values: Float64Array) => {
    const shape = values.length === 1 ? [] : x.shape.length === 4 ? [values.length, 1, 1] : [values.length];
    return writer.weight(step, what, Float32Array.from(values), shape);
  };
  const shifts = step.shift.some((value) => value !== 0);
  const scales = step.scale.some((value) => value !== 1) || !shifts;
  if (!shifts) return writer.node('Mul', [x, vector('scale', step.scale)], output, {}, step.name);
  const scaled = scales ? writer.node('Mul', [x, vector('scale', step.scale)], `${step.name}/scaled`) : x;
  return writer.node('Add', [scaled, vector('shift', step.shift)], output, {}, step.name);
}

function binary(opType: string): Rule<Step> {
  return (writer, step, output) =>
    writer.node(opType, [writer.input(step, 0), writer.input(step, 1)], output, {}, step.name);
}

function pool(opType: string): Rule<StepOf<'averagePool' | 'maxPool'>> {
  return (writer, step, output) =>
    writer.node(opType, [writer.input(step)], output, windowAttributes(step.window), step.name);
}

/** A pooling to one pixel; without `keepdims` the pixel becomes a vector. */
function globalPool(
  writer: OnnxWriter,
  step: StepOf<'globalAverage' | 'globalMax'>,
  output: string,
  opType: string,
  attributes: PlainAttributes,
): Value {
  const x = writer.input(step);
  if (step.keepdims) return writer.node(opType, [x], output, attributes, step.name);
  const pooled = writer.node(opType, [x], `${step.name}/pooled`, attributes, step.name);
  return writer.node('Flatten', [pooled], output, { axis: 1 }, `${step.name}/flat`);
}

/** Channels last before and after; the batch axis is copied, so that it may have any size. */
function reshape(writer: OnnxWriter, step: StepOf<'reshape'>, output: string, program: Program): Value {
  const { builder, o } = writer;
  const [, ...target] = program.values.get(step.output)?.shape ?? [];
  const x = writer.input(step);
  const source = builder.within(step.name, () => channelsLast(writer, x));
  const [height = 1, width = 1, channels = 1] = target;
  if (target.length !== 3) {
    if (target.length === 1) return writer.node('Flatten', [source], output, { axis: 1 }, step.name);
    return writer.node('Reshape', [source, builder.ints([0, ...target])], output, {}, step.name);
  }
  if (height * width === 1)
    return writer.node('Reshape', [source, builder.ints([0, channels, 1, 1])], output, {}, step.name);
  const picture = builder.within(step.name, () => o.reshape(source, [0, ...target]));
  return writer.node('Transpose', [picture], output, { perm: [0, 3, 1, 2] }, step.name);
}

/** A single pixel has its channels in the same order either way. */
function channelsLast(writer: OnnxWriter, x: Value): Value {
  const [, channels = 1] = x.shape;
  return x.shape.length !== 4 || sizeOf(x.shape) === channels ? x : writer.o.transpose(x, [0, 2, 3, 1]);
}

function unary(
  writer: OnnxWriter,
  step: Step,
  name: StepOf<'unary'>['function'],
  x: Value,
  output: string,
): Value {
  switch (name) {
    case 'relu':
      return writer.node('Relu', [x], output);
    case 'relu6':
      return writer.node('Clip', [x, writer.scalar(step, 0), writer.scalar(step, 6)], output);
    case 'hardSwish':
      return writer.node('HardSwish', [x], output);
    case 'hardSigmoid':
      return writer.node('HardSigmoid', [x], output, { alpha: 1 / 6, beta: 0.5 });
    case 'sigmoid':
      return writer.node('Sigmoid', [x], output);
    case 'tanh':
      return writer.node('Tanh', [x], output);
    case 'softmax':
      return writer.node('Softmax', [x], output, { axis: x.shape.length === 4 ? 1 : x.shape.length - 1 });
  }
}
