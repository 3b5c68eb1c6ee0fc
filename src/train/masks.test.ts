import { describe, expect, it } from 'vitest';

import { createRandom } from '../core/random.js';
import { dropoutMasks } from './masks.js';

const masks = [
  { name: 'mask/a', shape: [64, 512], rate: 0.3 },
  { name: 'mask/b', shape: [64, 512], rate: 0.3 },
];

describe('dropoutMasks', () => {
  const drawn = dropoutMasks(masks, createRandom(1));
  const values = (name: string) => Array.from(drawn[name]?.data as Float32Array);

  it('drops the given share and scales the rest so that the mean stays 1', () => {
    const kept = values('mask/a').filter((value) => value > 0);
    // 32,768 draws: five standard errors of the share are 0.013.
    expect(Math.abs(kept.length / (64 * 512) - 0.7)).toBeLessThan(0.013);
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.7)]));
  });

  it('draws each mask from its own stream', () => {
    expect(values('mask/a')).not.toEqual(values('mask/b'));
  });

  it('is a function of the seed', () => {
    expect(dropoutMasks(masks, createRandom(1))).toEqual(drawn);
    expect(dropoutMasks(masks, createRandom(2))).not.toEqual(drawn);
  });
});
