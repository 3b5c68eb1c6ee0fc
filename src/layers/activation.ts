import { activate, clip, lastKerasAxis, type ActivationName } from './activations.js';
import { defineLayer, onlyOf, type LayerDraft } from './define.js';

/** Keras `Activation`: an activation by name. */
export const Activation = defineLayer<{ readonly activation: ActivationName }>({
  className: 'Activation',
  read: (reader) => ({ activation: reader.activation() }),
  write: ({ activation }) => ({ activation }),
  outputShape: (_, inputs, where) => onlyOf(where, inputs),
  call: ({ activation: name }, { o, x }) => activate(o, name, x),
});

/** An activation as a layer. @example activation('hard_silu') */
export function activation(name: ActivationName): LayerDraft {
  return Activation.draft({ activation: name });
}

interface ReLUConfig {
  /** Upper bound; null for none. */
  readonly maxValue: number | null;
  /** Slope below zero. */
  readonly negativeSlope: number;
}

/** Keras `ReLU`: `min(max(x, 0), maxValue) + negativeSlope · min(x, 0)`. */
export const ReLU = defineLayer<ReLUConfig>({
  className: 'ReLU',
  read: (reader) => {
    reader.must('threshold', 0);
    return { maxValue: reader.numberOrNull('max_value'), negativeSlope: reader.number('negative_slope', 0) };
  },
  write: ({ maxValue, negativeSlope }) => ({
    max_value: maxValue,
    negative_slope: negativeSlope,
    threshold: 0,
  }),
  outputShape: (_, inputs, where) => onlyOf(where, inputs),
  call: ({ maxValue, negativeSlope }, { o, x }) => {
    const positive = maxValue === null ? o.relu(x) : clip(o, x, 0, maxValue);
    if (negativeSlope === 0) return positive;
    return o.sub(positive, o.mul(o.relu(o.neg(x)), negativeSlope));
  },
});

/** A rectifier, bounded by `maxValue` where one is given. */
export function relu(
  options: { readonly maxValue?: number; readonly negativeSlope?: number } = {},
): LayerDraft {
  return ReLU.draft({ maxValue: options.maxValue ?? null, negativeSlope: options.negativeSlope ?? 0 });
}

/** Keras `Softmax` over the last axis. */
export const Softmax = defineLayer<null>({
  className: 'Softmax',
  read: (reader) => {
    reader.must('axis', -1);
    return null;
  },
  write: () => ({ axis: -1 }),
  outputShape: (_, inputs, where) => onlyOf(where, inputs),
  call: (_, { o, x }) => o.op('Softmax', [x], { axis: lastKerasAxis(x) }),
});

/** A softmax as a layer. */
export function softmax(): LayerDraft {
  return Softmax.draft(null);
}
