import { sizeOf, type Shape } from '../core/tensor.js';
import { defineLayer, misfit, onlyOf, type LayerDraft } from './define.js';
import { fromChannelsLast, toChannelsLast } from './spatial.js';

/** Keras `Flatten`: all axes but the batch become one, channels innermost. */
export const Flatten = defineLayer<null>({
  className: 'Flatten',
  read: (reader) => {
    reader.must('data_format', 'channels_last', null);
    return null;
  },
  write: () => ({ data_format: 'channels_last' }),
  outputShape: (_, inputs, where) => [sizeOf(onlyOf(where, inputs))],
  call: (_, { o, x }) => {
    const [batch = 1, ...rest] = x.shape;
    return o.reshape(toChannelsLast(o, x), [batch, sizeOf(rest)]);
  },
});

/** A vector of all values. */
export function flatten(): LayerDraft {
  return Flatten.draft(null);
}

interface ReshapeConfig {
  /** Without the batch axis; one entry may be -1. */
  readonly targetShape: Shape;
}

/** Keras `Reshape`, in channels-last order. */
export const Reshape = defineLayer<ReshapeConfig>({
  className: 'Reshape',
  read: (reader) => ({ targetShape: reader.integers('target_shape', -1) }),
  write: ({ targetShape }) => ({ target_shape: targetShape }),
  outputShape: ({ targetShape }, inputs, where) => {
    const input = onlyOf(where, inputs);
    const shape = resolve(targetShape, sizeOf(input));
    if (sizeOf(shape) === sizeOf(input) && shape.every(Number.isInteger)) return shape;
    throw misfit(where, inputs, `a size that fits [${targetShape.join(', ')}]`);
  },
  call: ({ targetShape }, { o, x }) => {
    const [batch = 1, ...rest] = x.shape;
    const target = resolve(targetShape, sizeOf(rest));
    return fromChannelsLast(o, o.reshape(toChannelsLast(o, x), [batch, ...target]));
  },
});

/** Another shape for the same values. @example reshape([1, 1, 576]) */
export function reshape(targetShape: Shape): LayerDraft {
  return Reshape.draft({ targetShape });
}

function resolve(target: Shape, total: number): Shape {
  const known = target.reduce((product, size) => (size === -1 ? product : product * size), 1);
  return target.map((size) => (size === -1 ? total / known : size));
}
