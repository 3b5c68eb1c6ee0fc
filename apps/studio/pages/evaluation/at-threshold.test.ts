import { expect, it } from 'vitest';

import { atThreshold } from './at-threshold.js';

const sample = (label: number, p: number) => ({
  ...{ file: '', label, predicted: 0, probabilities: [p, 1 - p], leaked: null },
});

it('counts answers that are sure enough, and how many of them are right', () => {
  const samples = [sample(0, 0.9), sample(1, 0.8), sample(0, 0.6), sample(1, 0.55)];
  expect(atThreshold(samples, 0.7)).toEqual({ answered: 0.5, accuracy: 0.5 });
  expect(atThreshold(samples, 0.85)).toEqual({ answered: 0.25, accuracy: 1 });
  expect(atThreshold(samples, 0.95)).toEqual({ answered: 0, accuracy: null });
  expect(atThreshold([], 0)).toEqual({ answered: 0, accuracy: null });
});
