import { GraphError, InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { createRandom, type Random } from '../core/random.js';
import { sizeOf } from '../core/tensor.js';
import type { JsonObject } from '../layers/json.js';
import { weightKey, type LayerGraph, type WeightSlot } from './layer-graph.js';
import type { Layer } from '../layers/layer.js';

/** Values of all weights in Keras layout by `layer/weight`. */
export type Weights = Map<string, Float32Array>;

/** Where a model's values came from; a plain JSON record that travels with every artefact. */
export type Origin = JsonObject;

/** How a model's logits become probabilities that can be trusted (temperature scaling, Guo et al. 2017). */
export interface Calibration {
  /** Logits are divided by it before the softmax; above 1 where the model is too sure of itself. */
  readonly temperature: number;
}

/** A layer graph, its weights, and what one must know to use them. */
export interface Model {
  readonly graph: LayerGraph;
  readonly weights: Weights;
  /** How pictures become input; undefined where a file does not say. */
  readonly preprocessing: Preprocessing | undefined;
  /** Class names by output index; undefined where the model is a backbone or a file does not say. */
  readonly classes: readonly string[] | undefined;
  readonly origin: Origin;
  /** Absent where nobody measured it: logits are taken as they are. */
  readonly calibration?: Calibration;
}

/**
 * First values for every weight of a graph, drawn by layer and weight name: adding a layer changes no other.
 *
 * @example const weights = initialWeights(graph, createRandom(42));
 */
export function initialWeights(graph: LayerGraph, random: Random = createRandom(0)): Weights {
  return new Map(graph.weightSlots.map((slot) => [slot.key, drawWeight(slot, random)]));
}

/** First values of one weight. */
export function drawWeight({ layer, spec }: WeightSlot, random: Random): Float32Array {
  return spec.initializer.fill(spec.shape, random.fork('weights', layer.name, spec.name));
}

/** The values of a layer's weight. @throws GraphError when the model lacks it */
export function weightOf(
  weights: ReadonlyMap<string, Float32Array>,
  layer: Layer,
  name: string,
): Float32Array {
  const found = weights.get(weightKey(layer, name));
  if (found !== undefined) return found;
  const received = `no weight "${weightKey(layer, name)}"`;
  throw new GraphError({ where: 'weights', received, expected: 'a value for every weight' });
}

/** Throws unless every weight of the graph is there with its size. @throws InputError naming the first that is not */
export function checkWeights(graph: LayerGraph, weights: ReadonlyMap<string, Float32Array>): void {
  for (const { key, spec } of graph.weightSlots) {
    const length = weights.get(key)?.length;
    if (length === sizeOf(spec.shape)) continue;
    const received = length === undefined ? `no weight "${key}"` : `${length} values for "${key}"`;
    const expected = `${sizeOf(spec.shape)} values of shape [${spec.shape.join(', ')}]`;
    throw new InputError({ where: `model "${graph.name}"`, received, expected });
  }
}

/** Number of weight values, as Keras's `count_params()`. */
export function countParameters(graph: LayerGraph): number {
  return graph.weightSlots.reduce((sum, { spec }) => sum + sizeOf(spec.shape), 0);
}
