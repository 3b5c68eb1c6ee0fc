import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { computeMetrics, wilsonInterval } from './metrics.js';
import type { Scores } from './scores.js';

interface Golden {
  labels: number[];
  probabilities: number[];
  classes: string[];
  accuracy: number;
  interval: [number, number];
  confusionMatrix: number[][];
  precision: (number | null)[];
  recall: (number | null)[];
  f1: (number | null)[];
  n: number[];
  macroAccuracy: number;
  macroPrecision: number;
  macroF1: number;
  ece: number;
  nll: number;
}

const golden = JSON.parse(
  readFileSync(new URL('../../tests/golden/metrics.json', import.meta.url), 'utf8'),
) as Record<string, Golden>;

function scoresOf({
  labels,
  probabilities,
  classes,
}: Pick<Golden, 'labels' | 'probabilities' | 'classes'>): Scores {
  return { labels: Int32Array.from(labels), probabilities: Float32Array.from(probabilities), classes };
}

describe.each(Object.entries(golden))('computeMetrics on golden case %s', (_, expected) => {
  const metrics = computeMetrics(scoresOf(expected));
  const perClass = expected.classes.map((name) => metrics.perClass[name]!);

  it('counts as scikit-learn does', () => {
    expect(metrics.confusionMatrix).toEqual(expected.confusionMatrix);
    expect(perClass.map(({ n }) => n)).toEqual(expected.n);
    expect(metrics.accuracy).toBeCloseTo(expected.accuracy, 12);
  });

  it.each(['precision', 'recall', 'f1'] as const)('gives the same %s', (name) => {
    perClass.forEach((value, index) => {
      const reference = expected[name][index] ?? null;
      if (reference === null) expect(value[name]).toBeNull();
      else expect(value[name]).toBeCloseTo(reference, 12);
    });
  });

  it.each(['macroAccuracy', 'macroPrecision', 'macroF1', 'ece', 'nll'] as const)(
    'gives the same %s',
    (name) => {
      // Sums of float32 probabilities in another order: 1e-9.
      expect(metrics[name]).toBeCloseTo(expected[name], 9);
    },
  );

  it('gives the roots of Wilson’s equation', () => {
    expect(metrics.interval[0]).toBeCloseTo(expected.interval[0], 10);
    expect(metrics.interval[1]).toBeCloseTo(expected.interval[1], 10);
  });
});

describe('computeMetrics', () => {
  const two = { labels: [0, 1], probabilities: [0.9, 0.1, 0.6, 0.4], classes: ['a', 'b'] };

  it('leaves classes without images out of the macro means and names them', () => {
    const metrics = computeMetrics(scoresOf(golden.withoutSecondClass!));
    expect(metrics.emptyClasses).toEqual(['c1']);
    expect(metrics.perClass.c1).toEqual({ accuracy: null, precision: null, recall: null, f1: null, n: 0 });
  });

  it('puts a confidence on a bin edge into the lower bin', () => {
    const { calibration } = computeMetrics(scoresOf({ ...two, probabilities: [1, 0, 1, 0] }));
    expect(calibration[14]).toEqual({ lo: 14 / 15, hi: 1, n: 2, confidence: 1, accuracy: 0.5 });
  });

  it('keeps the log loss finite for a certain wrong answer', () => {
    const { nll } = computeMetrics(scoresOf({ ...two, probabilities: [1, 0, 1, 0] }));
    expect(nll).toBeCloseTo(-Math.log(1e-7) / 2, 10);
  });

  it('answers the first class of a tie', () => {
    const { confusionMatrix } = computeMetrics(scoresOf({ ...two, probabilities: [0.5, 0.5, 0.5, 0.5] }));
    expect(confusionMatrix).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  it.each([
    [{ ...two, labels: [] }, 'evaluation: received no images, expected at least one labelled image.'],
    [
      { ...two, labels: [0, 2] },
      'evaluation: received label 2 for image 1, expected a label between 0 and 1.',
    ],
    [{ ...two, probabilities: [1] }, 'evaluation: received 1 probabilities, expected 2 × 2 of them.'],
    [{ ...two, classes: ['a', 'a'] }, 'evaluation: received class "a" twice, expected distinct class names.'],
    [
      { ...two, probabilities: [0.9, 0.1, NaN, 0.4] },
      'evaluation: received probability NaN for image 1, expected a number between 0 and 1; ' +
        'check that the weights are finite and that the model ends in a softmax.',
    ],
  ])('refuses scores that do not fit', (scores, message) => {
    expect(() => computeMetrics(scoresOf(scores))).toThrow(message);
  });
});

describe('wilsonInterval', () => {
  it('stays inside [0, 1] at both ends', () => {
    expect(wilsonInterval(0, 10)[0]).toBeCloseTo(0, 14);
    expect(wilsonInterval(10, 10)[1]).toBeCloseTo(1, 14);
    expect(wilsonInterval(10, 10)[0]).toBeCloseTo(0.7224672, 6);
  });
});
