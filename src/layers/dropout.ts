import { defineLayer, onlyOf, type LayerDraft } from './define.js';

/** Keras `Dropout` (Srivastava et al. 2014): in training, values become 0 with probability `rate`, the others grow by 1 / (1 − rate). */
export const Dropout = defineLayer<{ readonly rate: number }>({
  className: 'Dropout',
  read: (reader) => {
    reader.must('noise_shape', null);
    return { rate: reader.number('rate') };
  },
  write: ({ rate }) => ({ rate, seed: null, noise_shape: null }),
  outputShape: (_, inputs, where) => onlyOf(where, inputs),
  call: ({ rate }, { o, x, context, layer }) =>
    context.training && rate > 0 ? o.mul(x, context.dropoutMask(layer, x.shape, rate)) : x,
});

/** Drops values in training. @example dropout(0.5) */
export function dropout(rate: number): LayerDraft {
  return Dropout.draft({ rate });
}
