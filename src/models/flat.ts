import { GraphError } from '../core/errors.js';
import type { Shape } from '../core/tensor.js';
import { engineShape } from '../layers/layer.js';
import { toEngine, toKeras } from '../layers/permute.js';
import { sizeOf } from '../core/tensor.js';
import type { WeightSlot } from './layer-graph.js';
import type { Weights } from './model.js';

/** One weight's place in a flat vector. */
export interface FlatEntry {
  readonly slot: WeightSlot;
  /** First element. */
  readonly offset: number;
  readonly size: number;
  /** Shape in the vector: engine layout, e.g. OIHW. */
  readonly shape: Shape;
}

/** Weights laid end to end in one vector, in engine layout. */
export interface FlatLayout {
  readonly entries: readonly FlatEntry[];
  /** Elements of the vector. */
  readonly size: number;
}

/** Lays out weights in the given order. */
export function flatLayout(slots: readonly WeightSlot[]): FlatLayout {
  let offset = 0;
  const entries = slots.map((slot) => {
    const entry = { slot, offset, size: sizeOf(slot.spec.shape), shape: engineShape(slot.spec) };
    offset += entry.size;
    return entry;
  });
  return { entries, size: offset };
}

/** Copies weights (Keras layout) into a flat vector (engine layout). @throws GraphError when one is missing */
export function packFlat(layout: FlatLayout, weights: ReadonlyMap<string, Float32Array>): Float32Array {
  const flat = new Float32Array(layout.size);
  for (const { slot, offset } of layout.entries) flat.set(engineValues(slot, weights), offset);
  return flat;
}

/** Values of one weight in engine layout. @throws GraphError when it is missing */
export function engineValues(slot: WeightSlot, weights: ReadonlyMap<string, Float32Array>): Float32Array {
  const values = weights.get(slot.key);
  if (values !== undefined) return toEngine(slot.spec, values);
  throw new GraphError({ where: 'weights', received: `no weight "${slot.key}"`, expected: 'every weight' });
}

/** Copies a flat vector's weights back into a model's weights (Keras layout), replacing them. */
export function unpackFlat(layout: FlatLayout, flat: Float32Array, into: Weights): void {
  for (const { slot, offset, size } of layout.entries) {
    into.set(slot.key, toKeras(slot.spec, flat.slice(offset, offset + size)));
  }
}
