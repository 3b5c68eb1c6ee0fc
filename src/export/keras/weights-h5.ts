import type { Group } from 'h5wasm';

import type { Layer } from '../../layers/layer.js';
import type { LayerGraph, WeightSlot } from '../../models/layer-graph.js';
import { weightOf, type Weights } from '../../models/model.js';
import { snakeCase } from '../../models/net-builder.js';
import { readHdf5, writeHdf5 } from '../../models/weights/hdf5.js';

/** Group of each layer inside `model.weights.h5`, such as `layers/conv2d_1`. */
export type WeightPaths = ReadonlyMap<Layer, string>;

/**
 * Keras's groups for a list of layers: counted by class, whatever the layers are called.
 * @param names snake-case class names, in order
 */
export function groupNames(names: readonly string[]): string[] {
  const used = new Map<string, number>();
  return names.map((name) => {
    const count = used.get(name) ?? 0;
    used.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  });
}

/** `model.weights.h5` of a flat functional model, in the layout of Keras 3. @param more writes further groups */
export function writeWeights(
  graph: LayerGraph,
  weights: ReadonlyMap<string, Float32Array>,
  more?: (root: Group) => void,
): Promise<Uint8Array> {
  const { layers } = graph;
  const names = groupNames(layers.map((layer) => snakeCase(layer.className)));
  const slots = slotsByLayer(graph);
  return writeHdf5((root) => {
    const parent = root.create_group('layers');
    layers.forEach((layer, i) => {
      const vars = createVars(parent.create_group(names[i] ?? layer.name), layer.name);
      (slots.get(layer) ?? []).forEach(({ spec }, index) => {
        const data = weightOf(weights, layer, spec.name);
        vars.create_dataset({ name: String(index), data, shape: [...spec.shape] });
      });
    });
    createVars(root, graph.name);
    more?.(root);
  });
}

/**
 * Values of all weights from `model.weights.h5`.
 * @throws InputError when the file is damaged, lacks a weight or holds another shape
 */
export function readWeights(
  where: string,
  bytes: Uint8Array,
  graph: LayerGraph,
  paths: WeightPaths,
): Promise<Weights> {
  const slots = slotsByLayer(graph);
  return readHdf5(where, bytes, (file) => {
    const weights: Weights = new Map();
    for (const [layer, own] of slots) {
      own.forEach(({ key, spec }, i) => {
        weights.set(key, file.read(`${paths.get(layer) ?? layer.name}/vars/${i}`, spec.shape));
      });
    }
    return weights;
  });
}

function createVars(parent: Group, name: string): Group {
  const vars = parent.create_group('vars');
  vars.create_attribute('name', name);
  return vars;
}

/** A graph's weights by their layers, in Keras's order within each. */
export function slotsByLayer(graph: LayerGraph): Map<Layer, WeightSlot[]> {
  const slots = new Map<Layer, WeightSlot[]>();
  for (const slot of graph.weightSlots) slots.set(slot.layer, [...(slots.get(slot.layer) ?? []), slot]);
  return slots;
}
