import { describe, expect, it } from 'vitest';

import { createRandom } from '../core/random.js';
import { blockOfThisCpu, kernelSets } from '../lower/testing/check-lowering.js';
import { initialWeights } from '../models/model.js';
import { evaluateGraph } from '../ops/reference/evaluate.js';
import { fromTensor } from '../ops/reference/ndarray.js';
import { createClassifier } from '../predict/classifier.js';
import { ortNode } from '../runtime/node/ort.js';
import { PreciseBatchNorm } from './precise-batch-norm.js';
import { buildTrainingStep } from './step.js';
import { feedsOf, N, optionsOf, smallNet } from './testing/small-step.js';

const graph = smallNet();
const weights = initialWeights(graph, createRandom(3));
const random = createRandom(9);
/** Three batches whose brightness differs, so that the variance of their means counts. */
const batches = [0, 1, 2].map((i) => ({
  x: Float32Array.from({ length: N * 64 }, () => 60 + 50 * i + 15 * random.normal()),
}));
const block = await blockOfThisCpu();

/** Statistics of a batch as the training step computes them, in float64. */
function batchStatistics(x: Float32Array, name: string): number[] {
  const step = buildTrainingStep(optionsOf(graph, weights, { batchNormMomentum: 0 }));
  const feeds = { ...feedsOf(step, weights), x: { dtype: 'float32' as const, shape: [N, 1, 8, 8], data: x } };
  const arrays = Object.fromEntries(Object.entries(feeds).map(([key, t]) => [key, fromTensor(t)]));
  const flat = evaluateGraph(step.graph, arrays).get('next_statistics')?.data ?? new Float64Array();
  const entry = step.statistics.entries.find(({ slot }) => slot.key === name);
  const { offset = 0, size = 0 } = entry ?? {};
  return Array.from(flat.subarray(offset, offset + size));
}

describe('PreciseBatchNorm', () => {
  it.each(kernelSets(block))('pools the statistics of batches with %s kernels', async (_, kernels) => {
    const pass = await PreciseBatchNorm.create(ortNode(), kernels, optionsOf(graph, weights));
    const changed = await pass.recalibrate(weights, batches);
    await pass.close();
    for (const norm of ['stem_bn', 'dw_bn', 'project_bn']) {
      const [means, variances] = ['mean', 'variance'].map((kind) =>
        batches.map(({ x }) => batchStatistics(x, `${norm}/moving_${kind}`)),
      );
      changed.get(`${norm}/moving_mean`)?.forEach((value, c) => {
        const own = (means ?? []).map((batch) => batch[c] ?? NaN);
        const mean = own.reduce((a, b) => a + b, 0) / 3;
        const within = (variances ?? []).reduce((sum, batch) => sum + (batch[c] ?? NaN), 0) / 3;
        const between = own.reduce((sum, m) => sum + (m - mean) ** 2, 0) / 3;
        // float32 through three batch norms.
        expect(value).toBeCloseTo(mean, 4);
        const got = changed.get(`${norm}/moving_variance`)?.[c] ?? NaN;
        expect(Math.abs(got / (within + between) - 1), norm).toBeLessThan(1e-3);
      });
    }
  });

  it('gives the first norm the statistics of all pictures together', async () => {
    const pass = await PreciseBatchNorm.create(ortNode(), { kind: 'portable' }, optionsOf(graph, weights));
    const changed = await pass.recalibrate(weights, batches);
    await pass.close();
    // With these statistics the first norm's output over all pictures has mean 0 and variance 1, less its epsilon.
    const { preprocessing, pictureShape } = optionsOf(graph, weights);
    const classifier = await createClassifier(ortNode(), {
      ...{ graph: graph.with({ outputs: ['stem_bn'] }), weights: changed, preprocessing },
      ...{ batchSize: N, pictureShape },
    });
    const outputs: Float32Array[] = [];
    for (const { x } of batches) outputs.push(await classifier.logits(x));
    await classifier.close();
    for (let c = 0; c < 4; c++) {
      const values = outputs.flatMap((map) => [...map].filter((_, i) => Math.floor(i / 36) % 4 === c));
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
      const own = changed.get('stem_bn/moving_variance')?.[c] ?? NaN;
      expect(mean).toBeCloseTo(0, 4);
      expect(variance).toBeCloseTo(own / (own + 1e-3), 4);
    }
  });

  it('leaves a net without trainable norms alone', async () => {
    const frozen = smallNet();
    for (const layer of frozen.layers) layer.trainable = layer.className !== 'BatchNormalization';
    const pass = await PreciseBatchNorm.create(ortNode(), { kind: 'portable' }, optionsOf(frozen, weights));
    expect(await pass.recalibrate(weights, batches)).toBe(weights);
    await pass.close();
  });
});
