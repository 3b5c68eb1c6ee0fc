import { describe, expect, it } from 'vitest';

import { createRandom } from '../core/random.js';
import { flatLayout } from '../models/flat.js';
import { withHead } from '../models/head.js';
import { initialWeights } from '../models/model.js';
import { buildNet } from '../models/nets.js';
import { untrainedRecord } from '../models/weights/records.js';
import { evaluateGraph } from '../ops/reference/evaluate.js';
import { fromTensor } from '../ops/reference/ndarray.js';
import { layerDepths, learningRateFactors } from './layer-decay.js';
import type { OptimizerConfig } from './optimizers/index.js';
import { buildTrainingStep, type StepOptions } from './step.js';
import { feedsOf, optionsOf, smallNet } from './testing/small-step.js';

function net(name: 'mobileNetV3Small' | 'mobileNetV2' | 'densenet121' | 'nasnetMobile') {
  const backbone = buildNet(name, { inputShape: [32, 32, 3], weights: untrainedRecord(name) });
  return withHead(backbone, { classes: 2, kind: 'light' });
}

describe('layerDepths', () => {
  it('counts the blocks of MobileNetV3-Small as timm does: stem, 11 blocks, last convolution, head', () => {
    const depths = layerDepths(net('mobileNetV3Small'), 'head_pool');
    expect(depths.get('conv')).toBe(0);
    expect(depths.get('expanded_conv_depthwise')).toBe(1);
    expect(depths.get('expanded_conv_1_expand')).toBe(2);
    expect(depths.get('expanded_conv_10_project_bn')).toBe(11);
    expect(depths.get('conv_1')).toBe(12);
    expect(depths.get('logits')).toBe(13);
  });

  it('knows the blocks of MobileNetV2 and DenseNet121, and cuts NASNet into twelves', () => {
    expect(layerDepths(net('mobileNetV2'), 'head_pool').get('logits')).toBe(19);
    // Stem, 58 layers of dense blocks, 3 transitions, last norm, head.
    expect(layerDepths(net('densenet121'), 'head_pool').get('logits')).toBe(1 + 58 + 3 + 1);
    const graph = net('nasnetMobile');
    const weighted = new Set(graph.weightSlots.map(({ layer }) => layer.name)).size - 1;
    expect(layerDepths(graph, 'head_pool').get('logits')).toBe(Math.ceil(weighted / 12));
  });
});

describe('learningRateFactors', () => {
  it('are powers of the decay, 1 at the deepest', () => {
    const graph = smallNet();
    const layout = flatLayout(graph.weightSlots.filter(({ spec }) => spec.trainable));
    const depths = new Map(graph.layers.map(({ name }) => [name, name === 'logits' ? 2 : 0]));
    const factors = learningRateFactors(layout, depths, 0.5);
    const logits = layout.entries.find(({ slot }) => slot.key === 'logits/kernel');
    expect(factors[0]).toBe(0.25);
    expect(factors[logits?.offset ?? 0]).toBe(1);
  });
});

describe('a step with layer decay', () => {
  const graph = smallNet();
  const weights = initialWeights(graph, createRandom(3));
  const depths = new Map(graph.layers.map(({ name }, i) => [name, Math.floor(i / 5)]));
  const deepest = Math.max(...depths.values());

  function next(learningRate: number, optimizer: OptimizerConfig, extra: Partial<StepOptions> = {}) {
    const step = buildTrainingStep(optionsOf(graph, weights, { optimizer, ...extra }));
    const feeds = feedsOf(step, weights, learningRate);
    const arrays = Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, fromTensor(t)]));
    return { step, values: evaluateGraph(step.graph, arrays).get('next_parameters')?.data };
  }

  const optimizers: OptimizerConfig[] = [
    { name: 'adamw', weightDecay: 0.3 },
    { name: 'sgd', momentum: 0.9, nesterov: true },
  ];
  it.each(optimizers)('moves each weight as a plain step with its own rate: $name', (optimizer) => {
    const decay = 0.7;
    const { step, values } = next(0.1, optimizer, { layerDecay: { decay, depths } });
    const byDepth = Array.from(
      { length: deepest + 1 },
      (_, depth) => next(0.1 * decay ** (deepest - depth), optimizer).values,
    );
    for (const { slot, offset, size } of step.parameters.entries) {
      const plain = byDepth[depths.get(slot.layer.name) ?? deepest];
      for (let i = offset; i < offset + size; i++)
        expect(values?.[i], slot.key).toBeCloseTo(plain?.[i] ?? NaN, 7);
    }
  });
});
