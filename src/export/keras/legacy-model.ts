import { InputError } from '../../core/errors.js';
import { isTrainable } from '../../layers/layer.js';
import type { WeightSlot } from '../../models/layer-graph.js';
import type { Model, Weights } from '../../models/model.js';
import { readHdf5, type Hdf5Reader } from '../../models/weights/hdf5.js';
import { parseJson } from './mien-record.js';
import { readConfig } from './read-config.js';
import { slotsByLayer } from './weights-h5.js';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a] as const;
/** Group of the weights in a whole model. */
const WEIGHTS = 'model_weights';

/** Whether a file's bytes begin as HDF5 does. */
export function isHdf5(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/**
 * Reads a whole model in Keras's legacy `.h5` format: the configuration in the attribute `model_config`, the
 * weights in `model_weights`, a group per layer. What a compiled model holds beside them is left alone.
 *
 * @param where the file's name, for messages
 * @throws InputError when the file is damaged, holds weights only, or naming a layer that is not supported
 */
export function readLegacyModel(
  bytes: Uint8Array,
  where: string,
  { inputShape }: { readonly inputShape?: readonly number[] } = {},
): Promise<Model> {
  return readHdf5(where, bytes, (file) => {
    const config = file.text('', 'model_config');
    if (config === undefined) throw withoutConfig(where);
    const { graph, entries } = readConfig(where, parseJson(`${where} model_config`, config), inputShape);
    const weights: Weights = new Map();
    const byLayer = slotsByLayer(graph);
    for (const { name, layers } of entries) {
      const slots = savedOrder(layers.flatMap((layer) => byLayer.get(layer) ?? []));
      readEntry(where, file, name, slots, weights);
    }
    return { graph, weights, preprocessing: undefined, classes: undefined, origin: {} };
  });
}

function readEntry(
  where: string,
  file: Hdf5Reader,
  name: string,
  slots: readonly WeightSlot[],
  weights: Weights,
): void {
  if (slots.length === 0) return;
  const group = `${WEIGHTS}/${name}`;
  const names = file.names(group, 'weight_names');
  if (names.length !== slots.length) {
    const received = `${names.length} weights for layer "${name}"`;
    throw new InputError({ where, received, expected: `${slots.length}` });
  }
  slots.forEach(({ key, spec }, i) => {
    weights.set(key, file.read(`${group}/${names[i] ?? ''}`, spec.shape));
  });
}

/** Keras saves what trains first, then what does not, over all layers of a model inside the model. */
function savedOrder(slots: readonly WeightSlot[]): readonly WeightSlot[] {
  const trains = ({ layer, spec }: WeightSlot) => isTrainable(layer, spec);
  return [...slots.filter(trains), ...slots.filter((slot) => !trains(slot))];
}

function withoutConfig(where: string): InputError {
  return new InputError({
    where,
    received: 'an HDF5 file without model_config',
    expected: 'a whole model',
    remedy: 'a file of weights alone is found by the name of its net: put it into --weights-dir',
  });
}
