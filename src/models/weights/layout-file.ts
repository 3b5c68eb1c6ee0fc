import { InputError } from '../../core/errors.js';
import { weightKey, type LayerGraph, type WeightSlot } from '../layer-graph.js';
import type { Layer } from '../../layers/layer.js';
import type { Weights } from '../model.js';
import { readHdf5, type Hdf5Reader } from './hdf5.js';

/** One layer of a weight file: its name and the paths of its values, in Keras's order. */
interface StoredLayer {
  readonly name: string;
  readonly paths: readonly string[];
}

/** One layer of a graph that has weights. */
interface WantedLayer {
  readonly layer: Layer;
  readonly slots: readonly WeightSlot[];
}

/**
 * Reads a Keras weight file (`*_no_top.h5`: a group per layer, `layer_names` and `weight_names` attributes)
 * into the layers of a graph: by name where the file has all names, else in order, as Keras does.
 *
 * @param where the file's name, for messages
 * @returns values in Keras layout for every weight of the graph; float16 files are widened
 * @throws InputError when the file is damaged, lacks a layer or holds another shape
 */
export function readLayoutFile(graph: LayerGraph, bytes: Uint8Array, where: string): Promise<Weights> {
  return readHdf5(where, bytes, (file) => {
    const weights: Weights = new Map();
    for (const [wanted, stored] of match(where, wantedLayers(graph), storedLayers(where, file))) {
      readLayer(where, file, wanted, stored, weights);
    }
    return weights;
  });
}

function readLayer(
  where: string,
  file: Hdf5Reader,
  { layer, slots }: WantedLayer,
  stored: StoredLayer,
  weights: Weights,
): void {
  if (stored.paths.length !== slots.length) {
    const received = `${stored.paths.length} weights for layer "${layer.name}"`;
    throw new InputError({ where, received, expected: `${slots.length}` });
  }
  slots.forEach(({ spec }, i) => {
    weights.set(weightKey(layer, spec.name), file.read(stored.paths[i] ?? '', spec.shape));
  });
}

function wantedLayers(graph: LayerGraph): WantedLayer[] {
  const byLayer = new Map<Layer, WeightSlot[]>();
  for (const slot of graph.weightSlots) {
    const slots = byLayer.get(slot.layer);
    if (slots === undefined) byLayer.set(slot.layer, [slot]);
    else slots.push(slot);
  }
  return [...byLayer].map(([layer, slots]) => ({ layer, slots }));
}

function storedLayers(where: string, file: Hdf5Reader): StoredLayer[] {
  // Whole models saved as .h5 keep their weights in a group of that name.
  const prefix = file.keys('').includes('model_weights') ? 'model_weights/' : '';
  const names = file.names(prefix.slice(0, -1), 'layer_names');
  if (names.length === 0)
    throw new InputError({ where, received: 'no layer_names', expected: "Keras's layout of weight files" });
  return names
    .map((name) => ({
      name,
      paths: file.names(`${prefix}${name}`, 'weight_names').map((path) => `${prefix}${name}/${path}`),
    }))
    .filter((layer) => layer.paths.length > 0);
}

function match(
  where: string,
  wanted: readonly WantedLayer[],
  stored: readonly StoredLayer[],
): (readonly [WantedLayer, StoredLayer])[] {
  const byName = new Map(stored.map((layer) => [layer.name, layer]));
  const missing = wanted.find(({ layer }) => !byName.has(layer.name));
  if (missing !== undefined && stored.length !== wanted.length) {
    const received = `${stored.length} layers with weights and no layer "${missing.layer.name}"`;
    throw new InputError({ where, received, expected: `the ${wanted.length} of the model` });
  }
  return wanted.flatMap((layer, i) => {
    const found = missing === undefined ? byName.get(layer.layer.name) : stored[i];
    return found === undefined ? [] : [[layer, found] as const];
  });
}
