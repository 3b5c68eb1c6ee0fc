import { describe, expect, it } from 'vitest';

import { createRandom } from '../../core/random.js';
import { Histogram } from './histogram.js';
import { affineOfRange, chooseRanges } from './ranges.js';

const random = createRandom(1).fork('ranges');
const normal = Float32Array.from({ length: 20000 }, () => random.normal());

function histogramOf(...parts: Float32Array[]): Histogram {
  const histogram = new Histogram();
  for (const part of parts) histogram.add(part);
  return histogram;
}

describe('Histogram', () => {
  it('counts everything in a fixed number of bins, whatever comes later', () => {
    const histogram = histogramOf(normal, Float32Array.of(-5000, 1e-9, 70000));
    expect(histogram.total).toBe(20003);
    expect([histogram.min, histogram.max]).toEqual([-5000, 70000]);
    expect(histogram.counts).toHaveLength(8192);
  });

  it('merges as if all had been counted by one', () => {
    const [a, b] = [normal.subarray(0, 9000), normal.subarray(9000).map((value) => value * 40)];
    const merged = histogramOf(a);
    merged.merge(histogramOf(b));
    const one = histogramOf(a, b);
    expect(merged.counts).toEqual(one.counts);
    expect([merged.min, merged.max, merged.width]).toEqual([one.min, one.max, one.width]);
  });
});

describe('ranges', () => {
  it('hold zero exactly and cover their ends', () => {
    for (const [low, high] of [
      [-1, 3],
      [0, 6],
      [2, 5],
      [-4, -1],
    ] as const) {
      const { scale, zeroPoint } = affineOfRange([low, high]);
      expect(zeroPoint).toBeGreaterThanOrEqual(-128);
      expect(zeroPoint).toBeLessThanOrEqual(127);
      expect((-128 - zeroPoint) * scale).toBeLessThanOrEqual(Math.min(0, low) + scale / 2 + 1e-6);
      expect((127 - zeroPoint) * scale).toBeGreaterThanOrEqual(Math.max(0, high) - scale / 2 - 1e-6);
    }
  });

  it('cut an outlier off by every method but min-max, and put the least error first', () => {
    const choices = chooseRanges(histogramOf(normal, Float32Array.of(60, -45)));
    const high = (name: string) => choices.find(({ method }) => method === name)!.range[1];
    expect(high('min-max')).toBe(60);
    expect(high('percentile')).toBeLessThan(6);
    expect(high('entropy')).toBeLessThan(30);
    const errors = choices.map(({ error }) => error);
    expect(errors).toEqual([...errors].sort((a, b) => a - b));
    expect(choices.at(-1)!.error).toBeGreaterThan(choices[0]!.error);
  });
});
