import { describe, expect, it } from 'vitest';

import { pairedDifference } from './paired.js';

describe('pairedDifference', () => {
  it('has the interval of the formula', () => {
    const { difference, interval } = pairedDifference(30, 24, 2866);
    expect(difference).toBeCloseTo(-6 / 2866, 12);
    // (24.5 − 30.5) / 2868 ± 1.95996 · √(55 − 36 / 2868) / 2868
    expect(interval[0]).toBeCloseTo(-0.0071597, 6);
    expect(interval[1]).toBeCloseTo(0.0029755, 6);
  });

  it('is symmetric, and narrower where the models differ less', () => {
    const [there, back] = [pairedDifference(9, 2, 100), pairedDifference(2, 9, 100)];
    expect(there.difference).toBe(-back.difference);
    expect(there.interval[0]).toBeCloseTo(-back.interval[1], 12);
    const few = pairedDifference(1, 1, 100).interval;
    expect(few[1] - few[0]).toBeLessThan(there.interval[1] - there.interval[0]);
  });
});
