import { GraphError } from '../core/errors.js';
import type { LayerGraph } from '../models/layer-graph.js';

/** Which layers of a backbone with a head train; the head always does. */
export type TrainableRule =
  /** The head alone. */
  | { readonly layers: 'head' }
  /** The last `count` layers of the backbone, in Keras's order, and the head. */
  | { readonly layers: 'top'; readonly count: number; readonly batchNorm: 'frozen' | 'trainable' }
  /** Everything. */
  | { readonly layers: 'all'; readonly batchNorm: 'frozen' | 'trainable' };

/**
 * Sets `trainable` on every layer.
 *
 * @param headStart name of the first layer of the head; what stands before it is the backbone
 * @throws GraphError when there is no such layer
 * @example applyTrainable(graph, 'head_pool', { layers: 'top', count: 60, batchNorm: 'frozen' });
 */
export function applyTrainable(graph: LayerGraph, headStart: string, rule: TrainableRule): void {
  const start = graph.layers.findIndex((layer) => layer.name === headStart);
  if (start < 0)
    throw new GraphError({ where: 'trainable', received: `no layer "${headStart}"`, expected: 'the head' });
  const first = rule.layers === 'head' ? start : rule.layers === 'all' ? 0 : Math.max(0, start - rule.count);
  const normsTrain = rule.layers !== 'head' && rule.batchNorm === 'trainable';
  graph.layers.forEach((layer, i) => {
    const isNorm = layer.className === 'BatchNormalization';
    layer.trainable = i >= start || (i >= first && (normsTrain || !isNorm));
  });
}
