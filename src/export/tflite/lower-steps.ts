import type { Shape } from '../../core/tensor.js';
import type { FusedActivation, Program, Step, StepOf } from '../program/program.js';
import { bool, int32, int32s, int8, real, type FlatTable } from './flat.js';
import { pad, padInput } from './lower-windows.js';
import type { TfliteBuilder } from './program.js';
import { resample } from './resample.js';
import { ACTIVATIONS, OPTIONS, type OperatorName } from './schema.js';

/** What a rule gets to turn a step into operators. */
export interface LoweringContext {
  readonly builder: TfliteBuilder;
  /** Tensors that the step reads. */
  readonly inputs: readonly number[];
  readonly x: number;
  /** The tensor it makes. */
  readonly output: { readonly name: string; readonly shape: Shape };
}

type Rule<S extends Step> = (context: LoweringContext, step: S) => number;

const RULES: { readonly [K in Step['kind']]: Rule<StepOf<K>> } = {
  conv: ({ builder, x, output }, step) => {
    const { window, kernel, bias, groups, name, activation } = step;
    const [kh, kw] = window.size;
    const filters = bias.length;
    const shape = [filters, kh, kw, kernel.length / (filters * kh * kw)];
    const { input, padding } = padInput(builder, x, window, name);
    const { strideHeight, strideWidth, dilationHeight, dilationWidth, ...own } = OPTIONS.conv;
    return builder.operator('CONV_2D', {
      inputs: [
        input,
        builder.weight(`${name}/kernel`, kernel, shape),
        builder.weight(`${name}/bias`, bias, [filters]),
      ],
      output,
      version: groups > 1 ? 6 : 1,
      options: {
        [own.padding]: int8(padding),
        [strideHeight]: int32(window.strides[0]),
        [strideWidth]: int32(window.strides[1]),
        [own.activation]: fused(activation),
        [dilationHeight]: int32(window.dilations[0]),
        [dilationWidth]: int32(window.dilations[1]),
      },
    });
  },
  depthwise: ({ builder, x, output }, step) => {
    const { window, kernel, bias, multiplier, name, activation } = step;
    const { input, padding } = padInput(builder, x, window, name);
    const { strideHeight, strideWidth, dilationHeight, dilationWidth, ...own } = OPTIONS.depthwise;
    return builder.operator('DEPTHWISE_CONV_2D', {
      inputs: [
        input,
        builder.weight(`${name}/kernel`, kernel, [1, ...window.size, bias.length]),
        builder.weight(`${name}/bias`, bias, [bias.length]),
      ],
      output,
      version: Math.max(...window.dilations) > 1 ? 2 : 1,
      options: {
        [own.padding]: int8(padding),
        [strideHeight]: int32(window.strides[0]),
        [strideWidth]: int32(window.strides[1]),
        [own.multiplier]: int32(multiplier),
        [own.activation]: fused(activation),
        [dilationHeight]: int32(window.dilations[0]),
        [dilationWidth]: int32(window.dilations[1]),
      },
    });
  },
  dense: ({ builder, x, output }, { kernel, bias, name, activation }) => {
    const weight = builder.weight(`${name}/kernel`, kernel, [bias.length, kernel.length / bias.length]);
    return builder.operator('FULLY_CONNECTED', {
      inputs: [x, weight, builder.weight(`${name}/bias`, bias, [bias.length])],
      output,
      options: {
        [OPTIONS.dense.activation]: fused(activation),
        [OPTIONS.dense.weightsFormat]: int8(0),
        [OPTIONS.dense.keepDimensions]: bool(false),
      },
    });
  },
  affine,
  add: arithmetic('ADD'),
  subtract: arithmetic('SUB'),
  multiply: arithmetic('MUL'),
  divide: arithmetic('DIV'),
  averagePool: (context, step) => pool(context, step, 'AVERAGE_POOL_2D'),
  maxPool: (context, step) => pool(context, step, 'MAX_POOL_2D'),
  globalAverage: (context, step) => globalPool(context, step, 'MEAN'),
  globalMax: (context, step) => globalPool(context, step, 'REDUCE_MAX'),
  pad: ({ builder, x, output }, { pads }) => pad(builder, x, pads, output.name),
  crop: ({ builder, x, output }, { pads: [top, left, bottom, right] }) => {
    const [n = 1, h = 1, w = 1, c = 1] = builder.shapeOf(x);
    const ends = builder.integers([n, h - bottom, w - right, c]);
    // Bits 0 and 3: the whole batch and all channels.
    const mask = int32(0b1001);
    return builder.operator('STRIDED_SLICE', {
      inputs: [x, builder.integers([0, top, left, 0]), ends, builder.integers([1, 1, 1, 1])],
      output,
      options: { [OPTIONS.stridedSlice.beginMask]: mask, [OPTIONS.stridedSlice.endMask]: mask },
    });
  },
  reshape: ({ builder, x, output }) => reshape(builder, x, output),
  concat: ({ builder, inputs, output }, { axis }) =>
    builder.operator('CONCATENATION', {
      inputs,
      output,
      options: {
        [OPTIONS.concatenation.axis]: int32(axis),
        [OPTIONS.concatenation.activation]: fused('none'),
      },
    }),
  unary,
  leakyRelu: ({ builder, x, output }, { parameter }) =>
    builder.operator('LEAKY_RELU', {
      inputs: [x],
      output,
      options: { [OPTIONS.leakyRelu.alpha]: real(parameter) },
    }),
  minimum: ({ builder, x, output }, { parameter }) =>
    builder.operator('MINIMUM', { inputs: [x, builder.number(parameter)], output }),
  reciprocal: ({ builder, x, output }, { parameter, activation }) =>
    builder.operator('DIV', {
      inputs: [builder.number(parameter), x],
      output,
      options: rectified(activation),
    }),
  hardGate: ({ builder, x, output }, { name, shift }) => {
    const sum = { inputs: [x, builder.number(shift)] };
    // Integers stop where their form does.
    if (builder.saturates) return builder.operator('ADD', { ...sum, output, options: rectified('none') });
    const rectifiedSum = { ...output, name: `${name}/rectified` };
    const shifted = builder.operator('ADD', { ...sum, output: rectifiedSum, options: rectified('relu') });
    return builder.operator('MINIMUM', { inputs: [shifted, builder.number(2 * shift)], output });
  },
  // The input says that its numbers are the pixels themselves; unlike CAST, delegates know this operator.
  pixels: ({ builder, x, output }) => builder.operator('DEQUANTIZE', { inputs: [x], output }),
  resample,
};

/** Adds the operators of one step; returns the tensor that it makes. */
export function lowerStep(
  builder: TfliteBuilder,
  program: Program,
  step: Step,
  tensors: ReadonlyMap<string, number>,
): number {
  const inputs = step.inputs.map((name) => tensors.get(name) ?? -1);
  const shape = program.values.get(step.output)?.shape ?? [];
  const rule = RULES[step.kind] as Rule<Step>;
  return rule({ builder, inputs, x: inputs[0] ?? -1, output: { name: step.output, shape } }, step);
}

/** The same values under another shape; the batch axis may change its size. */
export function reshape(builder: TfliteBuilder, x: number, output: LoweringContext['output']): number {
  const target = [-1, ...output.shape.slice(1)];
  return builder.operator('RESHAPE', {
    inputs: [x, builder.integers(target)],
    output,
    options: { [OPTIONS.reshape.newShape]: int32s(target) },
  });
}

/** A fused activation as an option. */
export function fused(activation: FusedActivation) {
  return int8(ACTIVATIONS[activation]);
}

function rectified(activation: FusedActivation): FlatTable {
  return { [OPTIONS.arithmetic.activation]: fused(activation) };
}

function arithmetic(name: OperatorName): Rule<Step> {
  return ({ builder, inputs, output }, { activation }) =>
    builder.operator(name, { inputs, output, options: rectified(activation) });
}

/** `x · scale + shift`, without the parts that change nothing. */
function affine({ builder, x, output }: LoweringContext, step: StepOf<'affine'>): number {
  const { name, scale, shift, activation } = step;
  const vector = (what: string, values: Float64Array) =>
    values.length === 1
      ? builder.number(values[0] ?? 0)
      : builder.constant(`${name}/${what}`, Float32Array.from(values), [values.length]);
  const add = (from: number) =>
    builder.operator('ADD', {
      inputs: [from, vector('shift', shift)],
      output,
      options: rectified(activation),
    });
  if (scale.every((value) => value === 1)) return add(x);
  const shifts = shift.some((value) => value !== 0);
  const scaled = builder.operator('MUL', {
    inputs: [x, vector('scale', scale)],
    output: shifts ? { ...output, name: `${name}/scaled` } : output,
    options: rectified(shifts ? 'none' : activation),
  });
  return shifts ? add(scaled) : scaled;
}

function pool(
  { builder, x, output }: LoweringContext,
  { window, name, activation }: StepOf<'averagePool' | 'maxPool'>,
  operator: OperatorName,
): number {
  // A pool's padding is Keras's SAME or none: other zeros count, and stay a step of their own.
  const { input, padding } = padInput(builder, x, window, name);
  const { pool: own } = OPTIONS;
  return builder.operator(operator, {
    inputs: [input],
    output,
    options: {
      [own.padding]: int8(padding),
      [own.strideHeight]: int32(window.strides[0]),
      [own.strideWidth]: int32(window.strides[1]),
      [own.height]: int32(window.size[0]),
      [own.width]: int32(window.size[1]),
      [own.activation]: fused(activation),
    },
  });
}

function globalPool(
  { builder, x, output }: LoweringContext,
  { keepdims }: StepOf<'globalAverage' | 'globalMax'>,
  operator: OperatorName,
): number {
  return builder.operator(operator, {
    inputs: [x, builder.integers([1, 2])],
    output,
    options: { [OPTIONS.reduce.keepDimensions]: bool(keepdims) },
  });
}

const FUNCTIONS = {
  relu: 'RELU',
  relu6: 'RELU6',
  hardSwish: 'HARD_SWISH',
  sigmoid: 'LOGISTIC',
  tanh: 'TANH',
  softmax: 'SOFTMAX',
} as const;

function unary({ builder, x, output }: LoweringContext, step: StepOf<'unary'>): number {
  const { function: name } = step;
  if (name === 'hardSigmoid') return hardSigmoid(builder, x, output);
  const options: FlatTable = name === 'softmax' ? { [OPTIONS.softmax.beta]: real(1) } : {};
  return builder.operator(FUNCTIONS[name], { inputs: [x], output, options });
}

/** TensorFlow Lite has no such operator: `relu6(x + 3) · 1/6`, two operators that every delegate knows. */
function hardSigmoid(builder: TfliteBuilder, x: number, output: LoweringContext['output']): number {
  const bounded = builder.operator('ADD', {
    inputs: [x, builder.number(3)],
    output: { ...output, name: `${output.name}/bounded` },
    options: rectified('relu6'),
  });
  return builder.operator('MUL', {
    inputs: [bounded, builder.number(1 / 6)],
    output,
    options: rectified('none'),
  });
}
