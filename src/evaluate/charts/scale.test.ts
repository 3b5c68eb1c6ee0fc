import { describe, expect, it } from 'vitest';

import { linearScale, logScale, niceDomain, niceTicks, tickLabels } from './scale.js';
import { fitText, textWidth } from './text-width.js';

describe('niceTicks', () => {
  it.each([
    [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [1, 30, [10, 20, 30]],
    [0.3, 0.42, [0.3, 0.35, 0.4]],
    [5, 5, [5]],
  ])('between %d and %d', (lo, hi, ticks) => {
    expect(niceTicks(lo, hi)).toEqual(ticks);
  });
});

describe('scales', () => {
  it('map the ends of the domain to the ends of the axis', () => {
    const scale = linearScale([2, 4], 100, 300);
    expect([2, 3, 4].map(scale.at)).toEqual([100, 200, 300]);
  });

  it('put powers of ten at equal steps', () => {
    const scale = logScale([2e-7, 5e-4], 400, 0);
    expect(scale.ticks).toHaveLength(5);
    expect(scale.at(1e-5)).toBeCloseTo(200, 6);
  });

  it('keep noise small by the least span', () => {
    const [lo, hi] = niceDomain([0.8, 0.801], 0.1);
    expect(lo).toBeCloseTo(0.74, 6);
    expect(hi).toBeCloseTo(0.86, 6);
  });

  it('label all ticks with the same decimals', () => {
    expect([0, 0.5, 1].map(tickLabels([0, 0.5, 1]))).toEqual(['0.0', '0.5', '1.0']);
  });
});

describe('fitText', () => {
  it('returns what fits and cuts the rest within the width', () => {
    expect(fitText('happy', 14, 100)).toBe('happy');
    const cut = fitText('a name much too long for its place', 14, 100);
    expect(cut.endsWith('…')).toBe(true);
    expect(textWidth(cut, 14)).toBeLessThanOrEqual(100);
  });
});
