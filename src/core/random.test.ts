import { describe, expect, it } from 'vitest';

import { createRandom, type Random } from './random.js';

const DRAWS = 40_000;

function draw(count: number, next: () => number): number[] {
  return Array.from({ length: count }, next);
}

function moments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  return { mean, variance };
}

/** Pearson's correlation of two sequences. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [moments(a), moments(b)];
  const covariance = a.reduce((sum, v, i) => sum + (v - x.mean) * (b[i]! - y.mean), 0) / a.length;
  return covariance / Math.sqrt(x.variance * y.variance);
}

describe('a seed', () => {
  it('gives the same draws for ever', () => {
    const random = createRandom(42);
    // Seeds written into run folders must mean the same in every version.
    expect(draw(3, () => random.integer(1_000_000))).toEqual([118_586, 38_396, 542_900]);
  });

  it('gives other draws than its neighbours and than itself plus 2^32', () => {
    const first = [0, 1, 2, 2 ** 32, 2 ** 32 + 1, -1].map((seed) => createRandom(seed).uniform());
    expect(new Set(first).size).toBe(first.length);
  });

  it('is whole: the fraction does not count', () => {
    expect(createRandom(7.25).uniform()).toBe(createRandom(7).uniform());
  });
});

describe('fork', () => {
  const sequence = (random: Random) => draw(2000, () => random.uniform());

  it('is a function of seed and keys, whatever was drawn before', () => {
    const root = createRandom(1);
    const before = sequence(root.fork('epoch', 3));
    draw(100, () => root.normal());
    root.fork('other').uniform();
    expect(sequence(root.fork('epoch', 3))).toEqual(before);
    expect(sequence(createRandom(2).fork('epoch', 3))).not.toEqual(before);
  });

  it('does not advance its parent', () => {
    const [a, b] = [createRandom(1), createRandom(1)];
    a.fork('x').uniform();
    expect(a.uniform()).toBe(b.uniform());
  });

  it('tells numbers from strings, and where one key ends', () => {
    const root = createRandom(1);
    const streams = [
      root.fork(1),
      root.fork('1'),
      root.fork('a', 'b'),
      root.fork('ab'),
      root.fork('b', 'a'),
      root.fork('a').fork('b'),
      root.fork(),
      root,
    ];
    expect(new Set(streams.map((stream) => stream.uniform())).size).toBe(streams.length);
  });

  it('gives independent streams for neighbouring keys', () => {
    const root = createRandom(5);
    const streams = Array.from({ length: 12 }, (_, i) => sequence(root.fork('batch', i)));
    streams.push(sequence(root));
    for (const [i, a] of streams.entries()) {
      for (const b of streams.slice(i + 1)) {
        // 5 standard errors of the correlation of 2000 pairs.
        expect(Math.abs(correlation(a, b))).toBeLessThan(5 / Math.sqrt(2000));
      }
    }
  });

  it('gives uniform first draws over many keys', () => {
    const root = createRandom(9);
    const first = Array.from({ length: DRAWS }, (_, i) => root.fork('picture', i).uniform());
    const { mean, variance } = moments(first);
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
    expect(Math.abs(correlation(first.slice(1), first.slice(0, -1)))).toBeLessThan(5 / Math.sqrt(DRAWS));
  });
});

describe('distributions', () => {
  it('uniform fills [0, 1) evenly', () => {
    const random = createRandom(11);
    const values = draw(DRAWS, () => random.uniform());
    const bins = new Array<number>(20).fill(0);
    for (const value of values) bins[Math.floor(value * 20)]! += 1;
    const expected = DRAWS / 20;
    const chiSquare = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 99.9 % quantile of chi-square with 19 degrees of freedom.
    expect(chiSquare).toBeLessThan(43.8);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
  });

  it('between and integer keep to their ranges and reach all of them', () => {
    const random = createRandom(12);
    const reals = draw(2000, () => random.between(-3, 5));
    expect(Math.min(...reals)).toBeGreaterThanOrEqual(-3);
    expect(Math.max(...reals)).toBeLessThan(5);
    expect(moments(reals).mean).toBeCloseTo(1, 0);
    expect([...new Set(draw(2000, () => random.integer(7)))].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('normal has mean 0, variance 1 and normal tails', () => {
    const random = createRandom(13);
    const values = draw(DRAWS, () => random.normal());
    const { mean, variance } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(DRAWS));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / DRAWS));
    const within = (limit: number) => values.filter((x) => Math.abs(x) < limit).length / DRAWS;
    expect(within(1)).toBeCloseTo(0.6827, 2);
    expect(within(2)).toBeCloseTo(0.9545, 2);
    expect(values.every(Number.isFinite)).toBe(true);
    // The two draws of one Box-Muller pair are independent.
    const even = values.filter((_, i) => i % 2 === 0);
    const odd = values.filter((_, i) => i % 2 === 1);
    expect(Math.abs(correlation(even, odd))).toBeLessThan(5 / Math.sqrt(DRAWS / 2));
  });

  it.each([0.1, 0.2, 0.4, 1, 2, 8])('beta(%s) has mean 1/2 and variance 1/(4(2a+1))', (alpha) => {
    const random = createRandom(14).fork(alpha);
    const values = draw(DRAWS, () => random.beta(alpha));
    const { mean, variance } = moments(values);
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / (4 * (2 * alpha + 1)), 2);
    expect(values.every((x) => x >= 0 && x <= 1)).toBe(true);
  });

  it('beta stays a number where both gammas vanish', () => {
    const random = createRandom(15);
    const values = draw(200, () => random.beta(1e-4));
    expect(values.every((x) => x >= 0 && x <= 1)).toBe(true);
    expect(moments(values).mean).toBeCloseTo(0.5, 0);
  });

  it('shuffle permutes in place, every order equally often', () => {
    const random = createRandom(16);
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const items = ['a', 'b', 'c'];
      expect(random.shuffle(items)).toBe(items);
      counts.set(items.join(''), (counts.get(items.join('')) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    // 99.9 % quantile of chi-square with 5 degrees of freedom.
    expect(chiSquare).toBeLessThan(20.5);
  });

  it('fills an array with what uniform() would give, and goes on from there', () => {
    const [one, other] = [createRandom(9), createRandom(9)];
    const filled = new Float64Array(50);
    one.fill(filled);
    expect(Array.from(filled)).toEqual(Array.from({ length: 50 }, () => other.uniform()));
    expect(one.uniform()).toBe(other.uniform());
  });
});
