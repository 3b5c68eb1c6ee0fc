import { describe, expect, it } from 'vitest';

import { createRandom } from '../core/random.js';
import { auditNear } from './audit-near.js';
import type { ImageSet } from './images.js';

const SIDE = 16;
const SIZE = SIDE * SIDE;
const VARIANTS = 560;

/** Many pictures that differ in a pixel, and as many negatives, so that the medians of the hashes lie between. */
function frames(): ImageSet {
  const random = createRandom(1);
  const picture = Uint8Array.from({ length: SIZE }, () => 20 + random.integer(200));
  const variants = Array.from({ length: VARIANTS }, (_, n) =>
    picture.map((value, i) => (i === n % SIZE ? value + 1 + Math.floor(n / SIZE) : value)),
  );
  const negatives = variants.map(() => picture.map((value) => 240 - value));
  const grey = Array.from({ length: 21 }, () => picture.map(() => 119 + random.integer(3)));
  const all = [...variants, ...negatives, ...grey];
  return {
    ...{ classes: ['happy'], height: SIDE, width: SIDE, channels: 1 },
    pixels: Uint8Array.from(all.flatMap((one) => [...one])),
    labels: new Int32Array(all.length),
    names: all.map((_, i) => `train/happy/${i}.png`),
  };
}

describe('auditNear', () => {
  it('takes groups of more pairs than a function takes arguments, such as frames of a film', () => {
    const set = frames();
    const { pairs, groups } = auditNear({ set, splits: set.names.map(() => 'train' as const) });
    expect(pairs).toBe((VARIANTS * (VARIANTS - 1)) / 2);
    expect(groups.map(({ images }) => images.length)).toEqual([VARIANTS]);
    expect(groups[0]?.correlation).toBeGreaterThan(0.9);
    expect(groups[0]?.correlation).toBeLessThanOrEqual(1);
  });
});
