import { describe, expect, it } from 'vitest';

import { holm, mcnemarTest } from './mcnemar.js';

describe('mcnemarTest', () => {
  // scipy 1.17.1: binomtest(min(b, c), b + c, 0.5).pvalue
  it.each([
    [3, 12, 0.03515625],
    [12, 3, 0.03515625],
    [0, 6, 0.03125],
    [1, 2, 1],
    [10, 10, 1],
    [0, 0, 1],
  ])('is exact for %d against %d', (b, c, p) => {
    expect(mcnemarTest(b, c).p).toBeCloseTo(p, 12);
    expect(mcnemarTest(b, c).method).toBe('exact');
  });

  // scipy: 2 * (binom.cdf(k, n, 0.5) - binom.pmf(k, n, 0.5) / 2) with k = min(b, c), n = b + c
  it.each([
    [20, 5, 0.0024939179420471204],
    [12, 13, 0.8450189828872681],
    [59, 93, 0.00580274034717434],
    [120, 160, 0.01686929634014373],
    [1200, 1400, 8.731560155857718e-5],
    [5, 500, 2.6130852658338847e-141],
  ])('is mid-p for %d against %d', (b, c, p) => {
    const found = mcnemarTest(b, c);
    expect(found.p / p).toBeCloseTo(1, 9);
    expect(found.method).toBe('mid-p');
  });

  it('takes half of the middle for equal counts, as Fagerland et al. do', () => {
    // scipy: 1 - binom.pmf(13, 26, 0.5) / 2
    expect(mcnemarTest(13, 13).p).toBeCloseTo(0.922509491443634, 12);
  });

  it('neither underflows nor loses itself in thousands of images', () => {
    expect(mcnemarTest(0, 3000)).toEqual({ p: 0, method: 'mid-p' });
    expect(mcnemarTest(5000, 5000).p).toBeGreaterThan(0.99);
  });

  it.each([-1, 0.5, NaN])('refuses %d as a count', (count) => {
    expect(() => mcnemarTest(count, 3)).toThrow(`McNemar: received ${count}, expected a count of images.`);
  });
});

describe('holm', () => {
  it('raises by rank, keeps the order and stays below 1', () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    expect(holm([0.5, 0.9])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });
});
