import { describe, expect, it } from 'vitest';

import type { Preprocessing } from '../core/preprocessing.js';
import { createRandom } from '../core/random.js';
import { batchNormalization } from '../layers/batch-normalization.js';
import { dense } from '../layers/dense.js';
import { globalAveragePooling2d } from '../layers/pooling.js';
import { packFlat } from '../models/flat.js';
import type { LayerGraph } from '../models/layer-graph.js';
import { initialWeights } from '../models/model.js';
import { NetBuilder } from '../models/net-builder.js';
import { evaluateGraph } from '../ops/reference/evaluate.js';
import { ndarray, type NdArray } from '../ops/reference/ndarray.js';
import { buildTrainingStep, type StepOptions } from './step.js';

/** Two pictures of one channel and two pixels, taken as they are. */
const PIXELS = [1, 3, 5, 11];
const MEAN = 5;
/** The population variance: (16 + 4 + 0 + 36) / 4. */
const VARIANCE = 14;

const preprocessing: Preprocessing = {
  version: 1,
  sourceSize: [1, 2],
  inputSize: [1, 2],
  channels: 1,
  colour: 'grey',
  interpolation: 'nearest',
  antialias: false,
  scale: 1,
  mean: [0],
  std: [1],
  cropMargin: 0,
};

function normNet(): LayerGraph {
  const net = new NetBuilder();
  const normed = net.add(batchNormalization({ momentum: 0.75 }), net.input([1, 2, 1]), 'norm');
  return net.build('net', [
    net.add(dense({ units: 2 }), net.add(globalAveragePooling2d(), normed), 'logits'),
  ]);
}

function runOnce(more: Partial<StepOptions>, scalars: Record<string, number> = {}) {
  const graph = normNet();
  const weights = initialWeights(graph, createRandom(1));
  weights.get('norm/moving_mean')!.set([10]);
  weights.get('norm/moving_variance')!.set([2]);
  const step = buildTrainingStep({
    graph,
    weights,
    preprocessing,
    batchSize: 2,
    pictureShape: [1, 1, 2],
    loss: { name: 'categoricalCrossentropy' },
    optimizer: { name: 'sgd' },
    ...more,
  });
  const vector = (data: Float32Array): NdArray => ({ shape: [data.length], data: Float64Array.from(data) });
  const feeds: Record<string, NdArray> = {
    x: { shape: [2, 1, 1, 2], data: Float64Array.from(PIXELS) },
    y: { shape: [2, 2], data: Float64Array.of(1, 0, 0, 1) },
    weight: ndarray([2], () => 1),
    parameters: vector(packFlat(step.parameters, weights)),
    statistics: vector(packFlat(step.statistics, weights)),
    rate: ndarray([], () => 0.5),
  };
  for (const { name, shape } of step.graph.inputs) feeds[name] ??= ndarray(shape, () => scalars[name] ?? 0);
  return { step, feeds, results: evaluateGraph(step.graph, feeds) };
}

describe('moving statistics', () => {
  it('weigh the old value by the momentum and take the population variance', () => {
    const next = runOnce({}).results.get('next_statistics')!.data;
    expect(next[0]).toBeCloseTo(0.75 * 10 + 0.25 * MEAN, 6);
    expect(next[1]).toBeCloseTo(0.75 * 2 + 0.25 * VARIANCE, 6);
  });

  it('take another momentum where one is given for all', () => {
    const next = runOnce({ batchNormMomentum: 0.5 }).results.get('next_statistics')!.data;
    expect(next[0]).toBeCloseTo(0.5 * 10 + 0.5 * MEAN, 6);
    expect(next[1]).toBeCloseTo(0.5 * 2 + 0.5 * VARIANCE, 6);
  });
});

describe('the average of weights', () => {
  it('is a + (1 − decay)(w − a), of the weights after the step', () => {
    const { results } = runOnce({ average: true }, { decay_of_average: 0.9, average: 2 });
    const weights = results.get('next_parameters')!.data;
    expect([...weights]).not.toEqual([...results.get('parameters')!.data]);
    results
      .get('next_average')!
      .data.forEach((a, i) => expect(a).toBeCloseTo(0.9 * 2 + 0.1 * weights[i]!, 6));
  });
});

describe('decoupled weight decay', () => {
  it('spares biases and batch norms', () => {
    const { step, feeds, results } = runOnce(
      { optimizer: { name: 'adamw', weightDecay: 0.1 } },
      { rate: 0, decay: 0.25 },
    );
    // With a rate of 0, decay is all that moves weights.
    feeds['rate'] = ndarray([]);
    const moved = evaluateGraph(step.graph, feeds).get('next_parameters')!.data;
    for (const { slot, offset, size } of step.parameters.entries) {
      const factor = slot.key === 'logits/kernel' ? 0.75 : 1;
      for (let i = offset; i < offset + size; i++) {
        expect(moved[i], slot.key).toBeCloseTo(factor * feeds['parameters']!.data[i]!, 6);
      }
    }
    expect(results.has('next_m')).toBe(true);
  });
});
