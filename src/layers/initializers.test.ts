import { describe, expect, it } from 'vitest';

import { createRandom } from '../core/random.js';
import {
  glorotUniform,
  heNormal,
  heUniform,
  ones,
  randomNormal,
  randomUniform,
  readInitializer,
  truncatedNormal,
  writeInitializer,
  zeros,
} from './initializers.js';
import type { Initializer } from './layer.js';

function moments(initializer: Initializer, shape: readonly number[]) {
  const values = Array.from(initializer.fill(shape, createRandom(1)));
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return { mean, variance, largest: Math.max(...values.map(Math.abs)) };
}

describe('initializers', () => {
  it('fill with constants', () => {
    expect(zeros().fill([2], createRandom(0))).toEqual(new Float32Array(2));
    expect(ones().fill([2], createRandom(0))).toEqual(Float32Array.of(1, 1));
  });

  // A 3×3 kernel from 16 to 32 channels: fan in 144, fan out 288. 4608 draws: 4 % is over two standard errors of a variance.
  it.each([
    ['glorot uniform', glorotUniform(), 2 / (144 + 288), Math.sqrt(6 / (144 + 288))],
    ['He uniform', heUniform(), 2 / 144, Math.sqrt(6 / 144)],
    ['He normal', heNormal(), 2 / 144, (2 * Math.sqrt(2 / 144)) / 0.8796],
    ['random uniform', randomUniform(-0.1, 0.1), 0.04 / 12, 0.1],
    ['truncated normal', truncatedNormal(0, 0.05), (0.05 * 0.87962566) ** 2, 0.1],
    ['random normal', randomNormal(0, 0.05), 0.05 ** 2, 0.3],
  ])('%s has its variance and stays in its bounds', (_, initializer, variance, bound) => {
    const found = moments(initializer, [3, 3, 16, 32]);
    expect(Math.abs(found.variance / variance - 1)).toBeLessThan(0.06);
    expect(Math.abs(found.mean)).toBeLessThan(4 * Math.sqrt(variance / 4608));
    expect(found.largest).toBeLessThanOrEqual(bound);
    expect(found.largest).toBeGreaterThan(0.5 * bound);
  });

  it('depend on the seed alone', () => {
    const draw = (seed: number) => glorotUniform().fill([4, 4], createRandom(seed));
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
  });

  it('are read from what they write, and from names', () => {
    const json = writeInitializer(truncatedNormal(0, 0.02));
    expect(writeInitializer(readInitializer('x', json))).toEqual(json);
    expect(readInitializer('x', 'glorot_uniform').className).toBe('GlorotUniform');
    expect(() => readInitializer('Dense "d" kernel_initializer', 'constructor')).toThrow(
      /^Dense "d" kernel_initializer: received initializer "constructor", expected one of Zeros, /,
    );
  });
});
