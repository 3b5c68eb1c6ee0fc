import { sizeOf, type Shape } from '../../../core/tensor.js';
import { NEARLY_ZERO } from '../../../lower/shield-padding.js';
import { decodeFloat16 } from '../../../models/weights/float16.js';
import type { Value } from '../../../onnx/graph.js';
import { OPTIONS, type OperatorName } from '../schema.js';
import type { Conversion, Layout } from './conversion.js';
import type { ReadOperator } from './parse-tflite.js';
import { resizeBilinear } from './resize.js';
import { activate, convolution, depthwise, first, optionsOf, pooling, type Rule } from './windows.js';

/** Operators that are read; those of QUANTIZE are left to LiteRT. */
const RULES: Readonly<Record<Exclude<OperatorName, 'QUANTIZE'>, Rule>> = {
  CONV_2D: convolution,
  DEPTHWISE_CONV_2D: depthwise,
  AVERAGE_POOL_2D: pooling('AveragePool'),
  MAX_POOL_2D: pooling('MaxPool'),
  ADD: binary('Add'),
  SUB: binary('Sub'),
  MUL: binary('Mul'),
  DIV: binary('Div'),
  MINIMUM: binary('Min'),
  RELU: unary(({ o }, x) => o.relu(x)),
  RELU6: unary(({ o }, x) => o.op('Clip', [x, o.scalar(0), o.scalar(6)])),
  LOGISTIC: unary(({ o }, x) => o.op('Sigmoid', [x])),
  TANH: unary(({ o }, x) => o.op('Tanh', [x])),
  HARD_SWISH: unary(({ o }, x) => o.op('HardSwish', [x])),
  LEAKY_RELU: unary(({ o }, x, options) =>
    o.sub(o.relu(x), o.mul(o.relu(o.neg(x)), options?.float32(OPTIONS.leakyRelu.alpha) ?? 0)),
  ),
  FULLY_CONNECTED: dense,
  MEAN: reduction('ReduceMean'),
  REDUCE_MAX: reduction('ReduceMax'),
  SOFTMAX: softmax,
  PAD: pad,
  RESHAPE: reshape,
  TRANSPOSE: transpose,
  CONCATENATION: concatenation,
  STRIDED_SLICE: slice,
  RESIZE_BILINEAR: resizeBilinear,
  DEQUANTIZE: dequantize,
};

/** Adds an operator's nodes. @throws InputError naming an operator that cannot be read */
export function convertOperator(conversion: Conversion, operator: ReadOperator): void {
  const rules: Readonly<Record<string, Rule | undefined>> = RULES;
  const rule = Object.hasOwn(RULES, operator.name) ? rules[operator.name] : undefined;
  if (rule !== undefined) {
    rule(conversion, operator);
    return;
  }
  throw conversion.refused(operator.name, `one of ${Object.keys(RULES).join(', ')}`);
}

function unary(apply: (c: Conversion, x: Value, options: ReadOperator['options']) => Value): Rule {
  return (conversion, operator) => {
    const layout = conversion.layoutOf(first(operator)) ?? 'nhwc';
    const x = conversion.value(first(operator), layout);
    conversion.define(operator, apply(conversion, x, operator.options), layout);
  };
}

function binary(opType: 'Add' | 'Sub' | 'Mul' | 'Div' | 'Min'): Rule {
  return (conversion, operator) => {
    const [a = -1, b = -1] = operator.inputs;
    const rank = Math.max(...[a, b].map((index) => conversion.tensor(index).shape.length));
    const planes = [a, b].some((index) => conversion.layoutOf(index) === 'nchw');
    const layout: Layout = planes ? 'nchw' : 'nhwc';
    const value = conversion.o.op(
      opType,
      [a, b].map((index) => operand(conversion, index, rank, layout)),
    );
    const activation = operator.options?.int8(OPTIONS.arithmetic.activation) ?? 0;
    conversion.define(operator, activate(conversion, value, activation), layout);
  };
}

/** One side of an arithmetic operator; fewer axes count as trailing ones. */
function operand(conversion: Conversion, index: number, rank: number, layout: Layout): Value {
  const shape = conversion.shapeOf(index);
  if (shape.length === rank || layout === 'nhwc') return conversion.value(index, layout);
  const [h = 1, w = 1, c = 1] = [...new Array<number>(3 - shape.length).fill(1), ...shape];
  if (h * w === 1) return conversion.o.reshape(conversion.value(index), [1, c, 1, 1]);
  return conversion.o.transpose(conversion.o.reshape(conversion.value(index), [1, h, w, c]), [0, 3, 1, 2]);
}

/** Weights [units, F]. */
function dense(conversion: Conversion, operator: ReadOperator): void {
  const { o } = conversion;
  const options = optionsOf(conversion, operator);
  const [x = -1, kernel = -1, bias = -1] = operator.inputs;
  const [units = 1, features = 1] = conversion.tensor(kernel).shape;
  if (options.int8(OPTIONS.dense.weightsFormat) !== 0)
    throw conversion.refused('FULLY_CONNECTED with shuffled weights', 'plain ones');
  const flat = o.reshape(conversion.value(x), [-1, features]);
  const weights = conversion.weight(conversion.constantFloats(kernel), [units, features]);
  const inputs = [flat, weights];
  if (bias >= 0) inputs.push(conversion.weight(conversion.constantFloats(bias), [units]));
  const value = o.op('Gemm', inputs, { transB: 1 });
  const active = activate(conversion, value, options.int8(OPTIONS.dense.activation));
  const shape = conversion.shapeOf(operator.outputs[0] ?? -1);
  conversion.define(operator, shape.length === 2 ? active : o.reshape(active, shape));
}

/** Axes of the file → axes of ONNX's convolutions. */
const PLANES = [0, 2, 3, 1];

function reduction(opType: 'ReduceMean' | 'ReduceMax'): Rule {
  return (conversion, operator) => {
    const [x = -1, axes = -1] = operator.inputs;
    const rank = conversion.tensor(x).shape.length;
    const chosen = conversion.integers(axes).map((axis) => (axis < 0 ? axis + rank : axis));
    const keep = operator.options?.bool(OPTIONS.reduce.keepDimensions) === true;
    // The mean over height and width has the same order either way; other reductions take the file's.
    const planes = conversion.layoutOf(x) === 'nchw' && (keep || chosen.join() === '1,2');
    const layout: Layout = planes ? 'nchw' : 'nhwc';
    const own = planes ? chosen.map((axis) => PLANES[axis] ?? axis) : chosen;
    const { o } = conversion;
    const value = o.op(opType, [conversion.value(x, layout), o.builder.ints(own)], {
      keepdims: keep ? 1 : 0,
    });
    conversion.define(operator, value, keep ? layout : 'nhwc');
  };
}

function softmax(conversion: Conversion, operator: ReadOperator): void {
  const { o } = conversion;
  const beta = operator.options?.float32(OPTIONS.softmax.beta, 1) ?? 1;
  const x = conversion.value(first(operator));
  conversion.define(operator, o.op('Softmax', [beta === 1 ? x : o.mul(x, beta)], { axis: -1 }));
}

function pad(conversion: Conversion, operator: ReadOperator): void {
  const [x = -1, amounts = -1] = operator.inputs;
  const { shape } = conversion.tensor(x);
  const pads = conversion.integers(amounts);
  if (pads.length !== 2 * shape.length || pads.some((amount) => amount < 0 || amount > 2 ** 16))
    throw conversion.refused(`PAD by [${pads.join(', ')}]`, `two amounts for each of ${shape.length} axes`);
  const layout = conversion.layoutOf(x) ?? 'nhwc';
  const order = layout === 'nchw' ? [0, 3, 1, 2] : shape.map((_, axis) => axis);
  const begins = order.map((axis) => pads[2 * axis] ?? 0);
  const ends = order.map((axis) => pads[2 * axis + 1] ?? 0);
  const fill = isPooled(conversion, operator) ? NEARLY_ZERO : 0;
  conversion.define(
    operator,
    conversion.o.pad(conversion.value(x, layout), [...begins, ...ends], fill),
    layout,
  );
}

/** ONNX Runtime fuses zero padding into the max pooling after it as if the zeros did not count. */
function isPooled({ file }: Conversion, { outputs }: ReadOperator): boolean {
  const [made = -1] = outputs;
  return file.operators.some(({ name, inputs }) => name === 'MAX_POOL_2D' && inputs.includes(made));
}

function reshape(conversion: Conversion, operator: ReadOperator): void {
  const shape = conversion.shapeOf(operator.outputs[0] ?? -1);
  const x = conversion.value(first(operator));
  if (sizeOf(shape) !== sizeOf(x.shape))
    throw conversion.refused(`RESHAPE of [${x.shape.join(', ')}] to [${shape.join(', ')}]`, 'as many values');
  conversion.define(operator, conversion.o.reshape(x, shape));
}

function transpose(conversion: Conversion, operator: ReadOperator): void {
  const x = conversion.value(first(operator));
  const order = conversion.integers(operator.inputs[1]);
  conversion.define(operator, conversion.o.transpose(x, order));
}

function concatenation(conversion: Conversion, operator: ReadOperator): void {
  const options = optionsOf(conversion, operator);
  const { inputs } = operator;
  const rank = conversion.tensor(first(operator)).shape.length;
  const given = options.int32(OPTIONS.concatenation.axis);
  const axis = given < 0 ? given + rank : given;
  const planes = inputs.some((index) => conversion.layoutOf(index) === 'nchw');
  const layout: Layout = planes ? 'nchw' : 'nhwc';
  const joined = conversion.o.concat(
    inputs.map((index) => conversion.value(index, layout)),
    planes ? (PLANES[axis] ?? axis) : axis,
  );
  const value = activate(conversion, joined, options.int8(OPTIONS.concatenation.activation));
  conversion.define(operator, value, layout);
}

/** Fields of masks that change the number of axes. */
const RESHAPING_MASKS = [2, 3, 4];

function slice(conversion: Conversion, operator: ReadOperator): void {
  const options = optionsOf(conversion, operator);
  const fields = OPTIONS.stridedSlice;
  if (RESHAPING_MASKS.some((field) => options.int32(field) !== 0))
    throw conversion.refused('STRIDED_SLICE that adds or drops axes', 'a plain one');
  const [x = -1, begin, end, strides] = operator.inputs;
  const shape: Shape = conversion.shapeOf(x);
  const masked = (field: number, axis: number) => ((options.int32(field) >> axis) & 1) === 1;
  const starts = conversion
    .integers(begin)
    .map((value, axis) => (masked(fields.beginMask, axis) ? 0 : value));
  const ends = conversion
    .integers(end)
    .map((value, axis) => (masked(fields.endMask, axis) ? (shape[axis] ?? 0) : value));
  const steps = conversion.integers(strides);
  if ([starts, ends, steps].some(({ length }) => length !== shape.length) || steps.some((step) => step < 1))
    throw conversion.refused(`STRIDED_SLICE by [${steps.join(', ')}]`, 'forward steps for every axis');
  const axes = shape.map((_, axis) => axis);
  conversion.define(operator, conversion.o.slice(conversion.value(x), starts, ends, axes, steps));
}

/** Half-precision weights become floats while the file is read; pixels while it runs. */
function dequantize(conversion: Conversion, operator: ReadOperator): void {
  const index = first(operator);
  const { type, data, quantization, name } = conversion.tensor(index);
  if (data !== undefined && type === 'float16') {
    conversion.defineConstant(
      operator.outputs[0] ?? -1,
      decodeFloat16(new Uint16Array(new Uint8Array(data).buffer)),
    );
    return;
  }
  if (type !== 'uint8' || data !== undefined)
    throw conversion.refused(
      `DEQUANTIZE of "${name}" of type ${type}`,
      'half-precision weights or uint8 pixels',
    );
  const { o } = conversion;
  const [scale = 1, zero = 0] = [quantization?.scales[0], quantization?.zeroPoints[0]];
  const numbers = o.cast(conversion.value(index), 'float32');
  const shifted = zero === 0 ? numbers : o.sub(numbers, zero);
  conversion.define(operator, scale === 1 ? shifted : o.mul(shifted, scale));
}
