import { permuteAxes } from '../../../layers/permute.js';
import { windowPads } from '../../../layers/spatial.js';
import type { Value } from '../../../onnx/graph.js';
import { ACTIVATIONS, OPTIONS, PADDINGS } from '../schema.js';
import type { Conversion } from './conversion.js';
import type { FlatTableView } from './flat-reader.js';
import type { ReadOperator } from './parse-tflite.js';

/** Turns an operator into nodes. */
export type Rule = (conversion: Conversion, operator: ReadOperator) => void;

/** The first input. */
export function first({ inputs }: ReadOperator): number {
  return inputs[0] ?? -1;
}

/** An operator's options. @throws InputError when it has none */
export function optionsOf(conversion: Conversion, { options, name }: ReadOperator): FlatTableView {
  if (options !== undefined) return options;
  throw conversion.refused(`${name} without options`, 'them');
}

/** What an operator does to its result last. @throws InputError for an activation that Mien does not know */
export function activate(conversion: Conversion, value: Value, activation: number): Value {
  const { o } = conversion;
  switch (activation) {
    case ACTIVATIONS.none:
      return value;
    case ACTIVATIONS.relu:
      return o.relu(value);
    case ACTIVATIONS.relu6:
      return o.op('Clip', [value, o.scalar(0), o.scalar(6)]);
    default:
      throw conversion.refused(`the fused activation ${activation}`, 'none, relu or relu6');
  }
}

/** CONV_2D: kernel [filters, kh, kw, C / groups]. */
export const convolution: Rule = (conversion, operator) => {
  const options = optionsOf(conversion, operator);
  const fields = OPTIONS.conv;
  const [, kernel = -1] = operator.inputs;
  const [filters = 1, kh = 1, kw = 1, depth = 1] = conversion.tensor(kernel).shape;
  const x = conversion.value(first(operator), 'nchw');
  const weights = permuteAxes(conversion.constantFloats(kernel), [filters, kh, kw, depth], [0, 3, 1, 2]);
  const value = conversion.o.op(
    'Conv',
    [x, conversion.weight(weights, [filters, depth, kh, kw]), bias(conversion, operator)],
    { ...windowOf(conversion, x, [kh, kw], options, fields), group: groupsOf(conversion, x, depth) },
  );
  conversion.define(operator, activate(conversion, value, options.int8(fields.activation)), 'nchw');
};

function groupsOf(conversion: Conversion, { shape: [, channels = 1] }: Value, depth: number): number {
  const groups = channels / depth;
  if (Number.isInteger(groups) && groups >= 1) return groups;
  throw conversion.refused(`a kernel for ${depth} of ${channels} channels`, 'a divisor');
}

/** DEPTHWISE_CONV_2D: kernel [1, kh, kw, C · multiplier]. */
export const depthwise: Rule = (conversion, operator) => {
  const options = optionsOf(conversion, operator);
  const fields = OPTIONS.depthwise;
  const [, kernel = -1] = operator.inputs;
  const [, kh = 1, kw = 1, filters = 1] = conversion.tensor(kernel).shape;
  const x = conversion.value(first(operator), 'nchw');
  const weights = permuteAxes(conversion.constantFloats(kernel), [1, kh, kw, filters], [3, 0, 1, 2]);
  const value = conversion.o.op(
    'Conv',
    [x, conversion.weight(weights, [filters, 1, kh, kw]), bias(conversion, operator)],
    { ...windowOf(conversion, x, [kh, kw], options, fields), group: x.shape[1] ?? 1 },
  );
  conversion.define(operator, activate(conversion, value, options.int8(fields.activation)), 'nchw');
};

/** AVERAGE_POOL_2D and MAX_POOL_2D; padded pixels do not count. */
export function pooling(opType: 'AveragePool' | 'MaxPool'): Rule {
  return (conversion, operator) => {
    const options = optionsOf(conversion, operator);
    const fields = OPTIONS.pool;
    const x = conversion.value(first(operator), 'nchw');
    const size = [options.int32(fields.height), options.int32(fields.width)] as const;
    const { strides, pads } = windowOf(conversion, x, size, options, {
      ...fields,
      dilationHeight: undefined,
      dilationWidth: undefined,
    });
    const value = conversion.o.op(opType, [x], { kernel_shape: size, strides, pads });
    conversion.define(operator, activate(conversion, value, options.int8(fields.activation)), 'nchw');
  };
}

interface WindowFields {
  readonly padding: number;
  readonly strideWidth: number;
  readonly strideHeight: number;
  readonly dilationWidth: number | undefined;
  readonly dilationHeight: number | undefined;
}

/** Most pixels that a window may step or be spread over, lest a padding become gigabytes. */
const MOST_PIXELS = 2 ** 12;

function windowOf(
  conversion: Conversion,
  x: Value,
  size: readonly [number, number],
  options: FlatTableView,
  fields: WindowFields,
) {
  const strides = [options.int32(fields.strideHeight), options.int32(fields.strideWidth)] as const;
  const dilation = (field: number | undefined) => (field === undefined ? 1 : options.int32(field, 1));
  const dilations = [dilation(fields.dilationHeight), dilation(fields.dilationWidth)] as const;
  if ([...size, ...strides, ...dilations].some((pixels) => pixels < 1 || pixels > MOST_PIXELS))
    throw conversion.refused(
      `a window of ${size.join('×')}, strides ${strides.join(', ')}, dilations ${dilations.join(', ')}`,
      'sizes of at least 1',
    );
  const padding = options.int8(fields.padding) === PADDINGS.SAME ? ('same' as const) : ('valid' as const);
  const window = { kernelSize: size, strides, dilationRate: dilations, padding };
  const pads = windowPads(window, [x.shape[2] ?? 1, x.shape[3] ?? 1]);
  return { strides, dilations, pads };
}

function bias(conversion: Conversion, { inputs }: ReadOperator): Value | undefined {
  const index = inputs[2] ?? -1;
  if (index < 0) return undefined;
  const values = conversion.constantFloats(index);
  return conversion.weight(values, [values.length]);
}
