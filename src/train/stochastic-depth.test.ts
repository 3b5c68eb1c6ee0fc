import { describe, expect, it } from 'vitest';

import { createRandom } from '../core/random.js';
import { float32, type Tensor } from '../core/tensor.js';
import { lowerGraph } from '../lower/lower.js';
import { blockOfThisCpu, kernelSets } from '../lower/testing/check-lowering.js';
import { withHead } from '../models/head.js';
import { inferenceGraph } from '../models/inference.js';
import { mobileNetV3Small } from '../models/mobilenet-v3-small.js';
import { initialWeights } from '../models/model.js';
import { buildNet } from '../models/nets.js';
import { findRecord, untrainedRecord } from '../models/weights/records.js';
import { encodeModel } from '../onnx/encode.js';
import { printGraph } from '../onnx/print.js';
import { evaluateGraph } from '../ops/reference/evaluate.js';
import { fromTensor } from '../ops/reference/ndarray.js';
import { ortNode } from '../runtime/node/ort.js';
import { dropoutMasks } from './masks.js';
import { buildTrainingStep } from './step.js';
import { withStochasticDepth } from './stochastic-depth.js';
import { feedsOf, N, optionsOf, smallNet } from './testing/small-step.js';

const MASK = 'mask/sum_drop_path';
const block = await blockOfThisCpu();
const graph = smallNet();
const weights = initialWeights(graph, createRandom(3));
const step = buildTrainingStep(optionsOf(withStochasticDepth(graph, 0.4), weights, { exposeGradient: true }));
/** Every third picture loses its branch. */
const dropped = float32(
  Array.from({ length: N }, (_, n) => (n % 3 === 0 ? 0 : 1 / 0.6)),
  [N, 1, 1, 1],
);
const feeds: Record<string, Tensor> = { ...feedsOf(step, weights), [MASK]: dropped };
const arrays = Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, fromTensor(t)]));

describe('withStochasticDepth', () => {
  it('asks for one number per picture', () => {
    const mask = step.dropout.find(({ name }) => name === MASK);
    expect(mask).toEqual({ name: MASK, shape: [N, 1, 1, 1], rate: 0.4 });
    const drawn = dropoutMasks([{ name: MASK, shape: [1000, 1, 1, 1], rate: 0.4 }], createRandom(1));
    const zeros = (drawn[MASK]?.data as Float32Array).filter((value) => value === 0).length;
    // Binomial(1000, .4) has a deviation of 15.5.
    expect(Math.abs(zeros - 400)).toBeLessThan(62);
  });

  it('grows evenly with depth over the six residual sums of MobileNetV3-Small', () => {
    const record = findRecord('mobileNetV3Small', 'torchvision');
    const backbone = mobileNetV3Small({ inputShape: [32, 32, 3], weights: record });
    const net = withHead(backbone, { classes: 2, kind: 'light' });
    const options = optionsOf(withStochasticDepth(net, 0.3), initialWeights(net));
    const { dropout } = buildTrainingStep({
      ...options,
      preprocessing: { ...options.preprocessing, inputSize: [32, 32] },
    });
    const rates = dropout.filter(({ name }) => name.endsWith('_drop_path')).map(({ rate }) => rate);
    expect(rates.map((rate) => Number(rate.toFixed(6)))).toEqual([0.05, 0.1, 0.15, 0.2, 0.25, 0.3]);
  });

  it('leaves layers, weights and inference as they are', () => {
    const changed = withStochasticDepth(graph, 0.4);
    expect(changed.weightSlots.map(({ key }) => key).sort()).toEqual(
      graph.weightSlots.map(({ key }) => key).sort(),
    );
    const [a, b] = [graph, changed].map((net) => printGraph(inferenceGraph(net, weights, { batch: 2 })));
    expect(b).toBe(a);
  });

  it('refuses a net without residual sums', () => {
    const densenet = buildNet('densenet121', {
      inputShape: [32, 32, 3],
      weights: untrainedRecord('densenet121'),
    });
    expect(() => withStochasticDepth(densenet, 0.1)).toThrow(
      'stochasticDepth: received the net "densenet121", which has no residual branches, expected a net that adds a branch to its own input, such as mobileNetV3Small',
    );
  });
});

describe('a step with stochastic depth', () => {
  it('has the gradient of its loss: a difference along a direction, with branches dropped', () => {
    const random = createRandom(4);
    const start = Float64Array.from(feeds['parameters']?.data as Float32Array);
    const direction = start.map(() => random.normal());
    const lossAt = (t: number) => {
      const data = start.map((w, i) => w + t * (direction[i] ?? 0));
      const parameters = { shape: [data.length], data };
      return evaluateGraph(step.graph, { ...arrays, parameters }).get('loss')?.data[0] ?? NaN;
    };
    const gradient = evaluateGraph(step.graph, arrays).get('gradient')?.data ?? [];
    const slope = Array.from(gradient).reduce((sum, g, i) => sum + g * (direction[i] ?? 0), 0);
    expect(slope).toBeCloseTo((lossAt(1e-6) - lossAt(-1e-6)) / 2e-6, 5);
  });

  it('gives a dropped branch no gradient: all dropped, the branch alone stands still', () => {
    const none = { ...arrays, [MASK]: { shape: [N, 1, 1, 1], data: new Float64Array(N) } };
    const gradient = evaluateGraph(step.graph, none).get('gradient')?.data ?? new Float64Array();
    const sizeOf = (key: string) => {
      const entry = step.parameters.entries.find(({ slot }) => slot.key === key);
      const { offset = 0, size = 0 } = entry ?? {};
      return Math.max(...gradient.subarray(offset, offset + size).map(Math.abs));
    };
    expect(sizeOf('project/kernel')).toBe(0);
    expect(sizeOf('dw/kernel')).toBe(0);
    expect(sizeOf('stem/kernel')).toBeGreaterThan(1e-4);
  });

  it.each(kernelSets(block))('gives the reference figures with %s kernels', async (_, kernels) => {
    const expected = evaluateGraph(step.graph, arrays);
    const session = await ortNode().createSession(encodeModel(lowerGraph(step.graph, kernels)), {
      threads: 1,
    });
    const results = await session.run(feeds);
    await session.close();
    for (const name of ['loss', 'gradient', 'next_statistics']) {
      const reference = expected.get(name)?.data ?? new Float64Array();
      const scale = Math.max(...reference.map(Math.abs));
      // float32 through three batch norms.
      results[name]?.data.forEach((value, i) =>
        expect(Math.abs(Number(value) - (reference[i] ?? NaN)) / scale, `${name}[${i}]`).toBeLessThan(1e-4),
      );
    }
  });
});
