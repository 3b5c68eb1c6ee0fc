import { InputError } from '../core/errors.js';
import type { Shape } from '../core/tensor.js';
import { defineLayer, type LayerDraft } from './define.js';

/** Keras `InputLayer`: where values enter. */
export const InputLayer = defineLayer<{ readonly shape: Shape }>({
  className: 'InputLayer',
  read: (reader) => {
    reader.must('sparse', false);
    reader.must('ragged', false);
    const key = 'batch_shape';
    return { shape: fixed(reader.where, reader.batchShape(key)) };
  },
  write: ({ shape }) => ({ batch_shape: [null, ...shape], sparse: false, ragged: false, optional: false }),
  outputShape: ({ shape }) => shape,
  call: (_, { x }) => x,
});

/** The entry of a model; `shape` is Keras's without the batch axis. */
export function inputLayer(shape: Shape): LayerDraft {
  return InputLayer.draft({ shape });
}

function fixed(where: string, sizes: readonly (number | null)[]): Shape {
  if (sizes.every((size) => size !== null)) return sizes;
  const received = `shape [null, ${sizes.map(String).join(', ')}]`;
  throw new InputError({
    where,
    received,
    expected: 'fixed sizes',
    remedy: 'give the input size as an option',
  });
}
