import { expect, it } from 'vitest';

import { mean, median, quantile, standardDeviation } from './statistics.js';

it('median takes the middle, or the mean of the two in the middle', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

it('mean and quantile', () => {
  expect(mean([1, 2, 6])).toBe(3);
  expect(quantile([5, 4, 3, 2, 1], 0.9)).toBe(5);
  expect(quantile([5, 4, 3, 2, 1], 0.2)).toBe(2);
});

it('standardDeviation divides by n − 1', () => {
  expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
  expect(standardDeviation([3])).toBeNaN();
});
