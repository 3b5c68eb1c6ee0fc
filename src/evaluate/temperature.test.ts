import { describe, expect, it } from 'vitest';

import { createRandom } from '../core/random.js';
import { temper } from '../data/soft-labels.js';
import { createEvaluation } from './evaluation.js';
import { computeMetrics } from './metrics.js';
import { formatReport } from './report.js';
import type { Scores } from './scores.js';
import { fitTemperature } from './temperature.js';

const K = 5;

/** Labels drawn from softmax(z), answers of softmax(z · tooSure). */
function drawn(n: number, tooSure: number): Scores {
  const random = createRandom(2);
  const labels = new Int32Array(n);
  const probabilities = new Float32Array(n * K);
  for (let i = 0; i < n; i++) {
    const row = probabilities.subarray(i * K, (i + 1) * K);
    row.set(Array.from({ length: K }, () => Math.exp(1.5 * random.normal())));
    temper(row, K, 1);
    let u = random.uniform();
    labels[i] = row.findIndex((p) => (u -= p) < 0 || false);
    if ((labels[i] ?? 0) < 0) labels[i] = K - 1;
    temper(row, K, 1 / tooSure);
  }
  return { labels, probabilities, classes: ['a', 'b', 'c', 'd', 'e'] };
}

describe('fitTemperature', () => {
  it.each([2.5, 1, 0.4])('finds the factor by which the logits were too large: %d', (factor) => {
    // 20,000 labels: the estimate has a standard error near 1 %.
    expect(fitTemperature(drawn(20_000, factor)) / factor).toBeCloseTo(1, 1);
  });

  it('has the least log loss', () => {
    const scores = drawn(2000, 2.5);
    const best = fitTemperature(scores);
    const lossAt = (temperature: number) => {
      const probabilities = scores.probabilities.slice();
      temper(probabilities, K, temperature);
      return computeMetrics({ ...scores, probabilities }).nll;
    };
    expect(lossAt(best)).toBeLessThan(lossAt(best * 1.05));
    expect(lossAt(best)).toBeLessThan(lossAt(best / 1.05));
  });

  it('stays finite where every answer is right and certain', () => {
    const scores = {
      labels: Int32Array.of(0, 1),
      probabilities: Float32Array.of(1, 0, 0, 1),
      classes: ['a', 'b'],
    };
    expect(fitTemperature(scores)).toBeCloseTo(0.05, 3);
    expect(() =>
      fitTemperature({ ...scores, labels: new Int32Array(), probabilities: new Float32Array() }),
    ).toThrow('evaluation: received no images, expected at least one labelled image');
  });
});

describe('an evaluation of scaled answers', () => {
  const raw = drawn(5000, 2.5);
  const temperature = fitTemperature(raw);
  const probabilities = raw.probabilities.slice();
  temper(probabilities, K, temperature);
  const evaluation = createEvaluation({
    split: 'test',
    flip: false,
    scores: { ...raw, probabilities },
    temperature,
  });

  it('tells the figures of the answers before', () => {
    const before = computeMetrics(raw);
    const scaling = evaluation.temperatureScaling;
    expect(scaling?.eceBefore).toBeCloseTo(before.ece, 4);
    expect(scaling?.nllBefore).toBeCloseTo(before.nll, 4);
    expect(before.ece).toBeGreaterThan(0.15);
    expect(evaluation.ece).toBeLessThan(0.03);
    expect(evaluation.accuracy).toBe(before.accuracy);
  });

  it('prints both', () => {
    const text = formatReport(evaluation);
    expect(text).toContain(`Calibration error   ${evaluation.ece.toFixed(4)}`);
    expect(text).toMatch(
      /Calibration before +0\.\d{4} +without temperature scaling; logits are divided by 2\.\d{4}/,
    );
  });
});
