import { beforeEach, describe, expect, it } from 'vitest';

import { GraphError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { float32, type Tensor } from '../core/tensor.js';
import type { KernelSet } from '../lower/kernels.js';
import { lowerGraph } from '../lower/lower.js';
import { blockOfThisCpu, kernelSets } from '../lower/testing/check-lowering.js';
import { packFlat, unpackFlat } from '../models/flat.js';
import { initialWeights } from '../models/model.js';
import { checkGraph } from '../onnx/check.js';
import { encodeModel } from '../onnx/encode.js';
import { evaluateGraph } from '../ops/reference/evaluate.js';
import { fromTensor, type NdArray } from '../ops/reference/ndarray.js';
import { schemaOf } from '../ops/registry.js';
import { operatorsOf } from '../ops/testing/check-onnx.js';
import { ortNode } from '../runtime/node/ort.js';
import { buildTrainingStep, type TrainingStep } from './step.js';
import { feedsOf, L2, N, optionsOf, smallNet } from './testing/small-step.js';

function evaluated(step: TrainingStep, feeds: Record<string, Tensor>): Map<string, NdArray> {
  return evaluateGraph(
    step.graph,
    Object.fromEntries(Object.entries(feeds).map(([k, t]) => [k, fromTensor(t)])),
  );
}

async function compiled(step: TrainingStep, kernels: KernelSet) {
  return ortNode().createSession(encodeModel(lowerGraph(step.graph, kernels)), { threads: 1 });
}

const block = await blockOfThisCpu();
let graph = smallNet();
let weights = initialWeights(graph, createRandom(3));

beforeEach(() => {
  graph = smallNet();
  weights = initialWeights(graph, createRandom(3));
});

function freeze(...names: string[]): void {
  for (const layer of graph.layers) if (names.includes(layer.name)) layer.trainable = false;
}

describe('a training step', () => {
  it('is a valid graph with the documented inputs and outputs', () => {
    const step = buildTrainingStep(optionsOf(graph, weights, { average: true, exposeGradient: true }));
    checkGraph(step.graph, schemaOf);
    expect(step.graph.inputs.map((value) => value.name).sort()).toEqual([
      'average',
      'decay_of_average',
      'm',
      'mask/drop',
      'parameters',
      'rate',
      'statistics',
      'v',
      'weight',
      'x',
      'y',
    ]);
    expect(step.graph.outputs.map((value) => value.name).sort()).toEqual([
      'gradient',
      'logits',
      'loss',
      'next_average',
      'next_m',
      'next_parameters',
      'next_statistics',
      'next_v',
    ]);
    expect(step.stateNames).toEqual(['m', 'v', 'average']);
    expect(step.parameters.entries.map(({ slot }) => slot.key)).toEqual(
      graph.weightSlots.filter(({ spec }) => spec.trainable).map(({ key }) => key),
    );
    expect(step.statistics.entries.map(({ slot }) => slot.key)).toEqual(
      ['stem_bn', 'dw_bn', 'project_bn'].flatMap((name) => [
        `${name}/moving_mean`,
        `${name}/moving_variance`,
      ]),
    );
  });

  it.each(kernelSets(block))('learns with %s kernels: the loss falls to a tenth', async (_, kernels) => {
    const step = buildTrainingStep(optionsOf(graph, weights, { loss: { name: 'categoricalCrossentropy' } }));
    const session = await compiled(step, kernels);
    const feeds = feedsOf(step, weights);
    const losses: number[] = [];
    for (let i = 1; i <= 60; i++) {
      step.optimizer.scalars.forEach((name, j) => {
        feeds[name] = float32([step.optimizer.scalarsAt(i, 0.02)[j]!], []);
      });
      const results = await session.run(feeds);
      losses.push(Number(results['loss']!.data[0]));
      for (const name of ['parameters', 'm', 'v', 'statistics']) feeds[name] = results[`next_${name}`]!;
    }
    await session.close();
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses.at(-1)! / losses[0]!).toBeLessThan(0.1);
  });

  it.each(kernelSets(block))(
    'gives loss, gradient and next state of the reference with %s kernels',
    async (_, kernels) => {
      const step = buildTrainingStep(
        optionsOf(graph, weights, { exposeGradient: true, clip: { clipnorm: 0.1 } }),
      );
      const feeds = feedsOf(step, weights);
      const expected = evaluated(step, feeds);
      const session = await compiled(step, kernels);
      const results = await session.run(feeds);
      await session.close();
      for (const name of ['loss', 'gradient', 'next_statistics', 'logits']) {
        const scale = Math.max(...expected.get(name)!.data.map(Math.abs));
        // float32 through three batch norms.
        results[name]!.data.forEach((value, i) =>
          expect(
            Math.abs(Number(value) - expected.get(name)!.data[i]!) / scale,
            `${name}[${i}]`,
          ).toBeLessThan(1e-4),
        );
      }
    },
  );

  it('has the gradient of its loss, penalties included: a difference along a direction', () => {
    const step = buildTrainingStep(optionsOf(graph, weights, { exposeGradient: true }));
    const feeds = feedsOf(step, weights);
    const random = createRandom(4);
    const start = Float64Array.from(feeds['parameters']!.data as Float32Array);
    const direction = start.map(() => random.normal());
    const arrays = Object.fromEntries(
      Object.entries(feeds).map(([name, tensor]) => [name, fromTensor(tensor)]),
    );
    const lossAt = (t: number) => {
      const data = start.map((w, i) => w + t * direction[i]!);
      return evaluateGraph(step.graph, { ...arrays, parameters: { shape: [data.length], data } }).get('loss')!
        .data[0]!;
    };
    const gradient = evaluateGraph(step.graph, arrays).get('gradient')!.data;
    const slope = gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0);
    expect(slope).toBeCloseTo((lossAt(1e-6) - lossAt(-1e-6)) / 2e-6, 5);
  });
});

describe('frozen layers', () => {
  it('have no place in the parameters, and their weights and statistics stay', async () => {
    freeze('stem', 'stem_bn', 'dw_bn', 'se_1');
    const before = new Map([...weights].map(([key, values]) => [key, values.slice()]));
    const step = buildTrainingStep(optionsOf(graph, weights));
    const session = await compiled(step, { kind: 'portable' });
    const results = await session.run(feedsOf(step, weights));
    await session.close();
    unpackFlat(step.parameters, results['next_parameters']!.data as Float32Array, weights);
    unpackFlat(step.statistics, results['next_statistics']!.data as Float32Array, weights);
    const changed = [...weights].filter(([key, values]) => values.some((w, i) => w !== before.get(key)![i]));
    expect(changed.map(([key]) => key)).toEqual([
      'dw/kernel',
      'se_2/kernel',
      'se_2/bias',
      'project/kernel',
      'project/bias',
      'project_bn/gamma',
      'project_bn/beta',
      'project_bn/moving_mean',
      'project_bn/moving_variance',
      'logits/kernel',
      'logits/bias',
    ]);
  });

  it('get no gradient nodes, and a frozen start runs as folded inference', () => {
    const count = (step: TrainingStep, name: string) =>
      operatorsOf(step.graph).filter((operator) => operator === name).length;
    const full = buildTrainingStep(optionsOf(graph, weights));
    expect(count(full, 'mien.ConvWeightGrad')).toBe(5);
    // The depthwise convolution, both of the gate and the projection pass gradients on; the stem need not.
    expect(count(full, 'mien.ConvInputGrad')).toBe(4);
    expect(count(full, 'mien.BatchNormTraining')).toBe(3);
    freeze('stem', 'stem_bn', 'dw', 'dw_bn', 'se_1', 'se_2');
    const step = buildTrainingStep(optionsOf(graph, weights));
    expect(count(step, 'mien.ConvWeightGrad')).toBe(1);
    expect(count(step, 'mien.ConvInputGrad')).toBe(0);
    expect(count(step, 'mien.BatchNormTraining')).toBe(1);
    expect(count(step, 'BatchNormalization')).toBe(0);
    const conv = step.graph.nodes.find((node) => node.opType === 'Conv')!;
    expect(conv.inputs.slice(1).every((name) => step.graph.initializers.has(name))).toBe(true);
    expect(step.statistics.entries.map(({ slot }) => slot.key)).toEqual([
      'project_bn/moving_mean',
      'project_bn/moving_variance',
    ]);
  });

  it('all of them: nothing to train', () => {
    freeze(...graph.layers.map((layer) => layer.name));
    const run = () => buildTrainingStep(optionsOf(graph, weights));
    expect(run).toThrow(GraphError);
    expect(run).toThrow('training step: received a wholly frozen model, expected a trainable layer.');
  });

  it('a model without statistics has neither input nor output for them', () => {
    freeze('stem_bn', 'dw_bn', 'project_bn');
    const step = buildTrainingStep(optionsOf(graph, weights));
    expect(step.statistics.size).toBe(0);
    const names = [...step.graph.inputs, ...step.graph.outputs].map((value) => value.name);
    expect(names.filter((name) => name.includes('statistics'))).toEqual([]);
  });
});

describe('penalties and masks', () => {
  it('the loss holds λ·Σw² of regularized kernels', () => {
    const without = smallNet(0);
    const [a, b] = [graph, without].map((net) => {
      const step = buildTrainingStep(optionsOf(net, weights));
      return evaluated(step, feedsOf(step, weights)).get('loss')!.data[0]!;
    });
    const sum = weights.get('logits/kernel')!.reduce((total, w) => total + w * w, 0);
    expect(a! - b!).toBeCloseTo(L2 * sum, 8);
  });

  it('dropout masks are listed, and multiply what they mask', () => {
    const step = buildTrainingStep(optionsOf(graph, weights));
    expect(step.dropout).toEqual([{ name: 'mask/drop', shape: [N, 4], rate: 0.25 }]);
    const feeds = feedsOf(step, weights);
    feeds['mask/drop'] = float32(new Float32Array(N * 4), [N, 4]);
    weights.get('logits/bias')!.set([1, 2, 3]);
    feeds['parameters'] = float32(packFlat(step.parameters, weights), [step.parameters.size]);
    expect([...evaluated(step, feeds).get('logits')!.data.slice(0, 6)]).toEqual([1, 2, 3, 1, 2, 3]);
  });
});
