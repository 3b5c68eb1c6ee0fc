import { describe, expect, it } from 'vitest';

import { sharesOf, stratifiedSample } from './stratified.js';

describe('sharesOf', () => {
  it.each([
    [[50, 30, 20], 10, [5, 3, 2]],
    // 5.0, 4.5, 0.5: the remainders tie, the first wins; the last has its one.
    [[10, 9, 1], 10, [5, 4, 1]],
    // 436 of 28,709 is 15.5 of 1,024: fractions .63, .55, .82; the largest two are rounded up.
    [[3995, 436, 7215], 1024, [351, 38, 635]],
    // A class too small for a share of its own gets one all the same.
    [[998, 1, 1], 5, [3, 1, 1]],
    [[5, 0, 5], 4, [2, 0, 2]],
    [[4, 4, 4], 2, [1, 1, 0]],
    [[3, 2], 5, [3, 2]],
    [[0, 0], 0, [0, 0]],
  ])('%j by %d', (sizes, count, expected) => {
    expect(sharesOf(sizes, count)).toEqual(expected);
  });
});

describe('stratifiedSample', () => {
  const labels = Int32Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? 1 : 0));
  const candidates = Array.from({ length: 800 }, (_, i) => i + 100);
  const draw = (seed: number, count = 100) =>
    stratifiedSample({ candidates, labels, classes: 2, count, seed });

  it('keeps the shares and draws nothing twice or from outside', () => {
    const chosen = draw(1);
    expect(chosen.filter((i) => labels[i] === 1)).toHaveLength(10);
    expect(new Set(chosen).size).toBe(100);
    expect(Math.min(...chosen)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...chosen)).toBeLessThan(900);
  });

  it('is decided by the seed', () => {
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('mixes the classes', () => {
    const positions = draw(3).flatMap((image, position) => (labels[image] === 1 ? [position] : []));
    expect(Math.max(...positions) - Math.min(...positions)).toBeGreaterThan(40);
  });

  it('says how many there are', () => {
    expect(() => draw(1, 801)).toThrow('sample: received 800 images to draw from, expected at least 801.');
  });

  it('refuses a label outside the classes rather than leaving it out', () => {
    expect(() =>
      stratifiedSample({ candidates: [0, 1], labels: [0, 2], classes: 2, count: 1, seed: 1 }),
    ).toThrow('class: 2 is outside 0..1');
  });
});
