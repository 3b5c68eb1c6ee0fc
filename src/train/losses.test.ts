import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { gradients } from '../autodiff/gradients.js';
import type { Graph } from '../onnx/graph.js';
import { decomposeGraph } from '../ops/decompose.js';
import { Emitter } from '../ops/emitter.js';
import { evaluateGraph } from '../ops/reference/evaluate.js';
import type { NdArray } from '../ops/reference/ndarray.js';
import { testBuilder } from '../ops/testing/check-onnx.js';
import { requireClose } from '../ops/testing/compare.js';
import { runOnnx } from '../ops/testing/run-onnx.js';
import { emitLoss, type LossConfig } from './losses.js';

interface GoldenLoss {
  readonly name: string;
  readonly config: LossConfig;
  readonly logits: readonly number[];
  readonly labels: readonly number[];
  readonly weight: readonly number[];
  readonly loss: number;
  readonly gradient: readonly number[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../tests/golden/losses.json', import.meta.url), 'utf8'),
) as { readonly batch: number; readonly classes: number; readonly cases: readonly GoldenLoss[] };

function lossGraph(config: LossConfig, n: number, k: number): Graph {
  const b = testBuilder();
  const logits = b.input('logits', 'float32', [n, k]);
  const labels = b.input('labels', 'float32', [n, k]);
  const sampleWeight = b.input('weight', 'float32', [n]);
  const loss = emitLoss(new Emitter(b), { logits, labels, sampleWeight }, config);
  const [gradient] = gradients(b, loss, [logits]);
  b.output('loss', loss);
  b.output('gradient', gradient!);
  return b.build();
}

type Feeds = Readonly<Record<'logits' | 'labels' | 'weight', NdArray>>;

function feedsOf(c: Pick<GoldenLoss, 'logits' | 'labels' | 'weight'>): Feeds {
  const n = c.weight.length;
  const matrix = (data: readonly number[]) => ({
    shape: [n, data.length / n],
    data: Float64Array.from(data),
  });
  return {
    logits: matrix(c.logits),
    labels: matrix(c.labels),
    weight: { shape: [n], data: Float64Array.from(c.weight) },
  };
}

describe.each(golden.cases.map((c) => [c.name, c] as const))('%s', (name, c) => {
  const graph = lossGraph(c.config, golden.batch, golden.classes);
  const compare = (values: ReadonlyMap<string, NdArray>, tolerance: number) => {
    requireClose(
      `${name}: loss`,
      values.get('loss'),
      { shape: [], data: Float64Array.of(c.loss) },
      tolerance,
    );
    const gradient = { shape: [golden.batch, golden.classes], data: Float64Array.from(c.gradient) };
    requireClose(`${name}: gradient`, values.get('gradient'), gradient, tolerance);
  };

  it('equals Keras in float64', () => {
    // Constants such as the smoothing are float32, 6e-8, and doubt is kept above 1e-7.
    compare(evaluateGraph(graph, feedsOf(c)), 5e-7);
  });

  it('equals Keras in ONNX Runtime', async () => {
    // float32, 6e-8, through a softmax and a power.
    compare(await runOnnx(decomposeGraph(graph), feedsOf(c)), 5e-6);
  });
});

describe('focal loss at certainty', () => {
  const config = (gamma: number): LossConfig => ({ name: 'focal', gamma });
  const at = (margin: number) => feedsOf({ logits: [margin, 0, 0], labels: [1, 0, 0], weight: [1] });

  it.each([
    [0.5, 15],
    [0.5, 20],
    [0.5, 200],
    [0.25, 40],
    [2, 40],
    [0, 200],
  ])('gamma %f, margin %i: finite and small', async (gamma, margin) => {
    const graph = lossGraph(config(gamma), 1, 3);
    for (const values of [
      evaluateGraph(graph, at(margin)),
      await runOnnx(decomposeGraph(graph), at(margin)),
    ]) {
      const numbers = [...values.get('loss')!.data, ...values.get('gradient')!.data];
      expect(numbers.every((x) => Number.isFinite(x) && Math.abs(x) < 1e-3)).toBe(true);
      expect(values.get('loss')!.data[0]).toBeGreaterThanOrEqual(0);
    }
  });

  it.each([0.5, 2])('gamma %f: finite where the answer is certainly wrong', async (gamma) => {
    const graph = lossGraph(config(gamma), 1, 3);
    const feeds = feedsOf({ logits: [-100, 100, 0], labels: [1, 0, 0], weight: [1] });
    const values = await runOnnx(decomposeGraph(graph), feeds);
    expect(values.get('loss')!.data[0]).toBeCloseTo(200, 3);
    // There the focal factor is 1 and flat: the gradient is that of cross-entropy, p − y.
    [-1, 1, 0].forEach((slope, i) => expect(values.get('gradient')!.data[i]).toBeCloseTo(slope, 6));
  });
});

describe('sample weights', () => {
  it('of 0 leave a sample out of the sum but not out of the count', () => {
    const graph = lossGraph({ name: 'categoricalCrossentropy' }, 2, 2);
    const feeds = feedsOf({ logits: [1, 2, 5, -5], labels: [1, 0, 0, 1], weight: [1, 0] });
    const values = evaluateGraph(graph, feeds);
    expect(values.get('loss')!.data[0]).toBeCloseTo(Math.log(1 + Math.E) / 2, 9);
    expect([...values.get('gradient')!.data].slice(2).map(Math.abs)).toEqual([0, 0]);
  });
});
