import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { createRandom } from '../core/random.js';
import { type Augmentation, checkAugmentation, createAugmenter } from './augment.js';
import { applyPolicy, drawPolicy, policyOperations } from './augment-policy.js';
import { autoContrast, brighten, contrast, equalize, sharpen, type ToneJob } from './augment-tone.js';

const golden = JSON.parse(
  readFileSync(new URL('../../tests/golden/pillow.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, readonly number[]>>;

const format = { height: 20, width: 30, channels: 1 } as const;
const options = { ...format, interpolation: 'bilinear', border: 'reflect', fill: 0 } as const;
const grey = Uint8Array.from({ length: 600 }, (_, k) => 30 + ((k * k * 7 + k * 13 + 5) % 171));

function changed(apply: (job: ToneJob) => void): number[] {
  const source = { data: Float32Array.from(grey), offset: 0 };
  const target = { data: Float32Array.from(grey), offset: 0 };
  apply({ source, target, format });
  return [...target.data];
}

describe('tone operations', () => {
  const cases: readonly (readonly [string, (job: ToneJob) => void])[] = [
    ['brightness 0.4', (job) => brighten(job, 0.4)],
    ['brightness 1.6', (job) => brighten(job, 1.6)],
    ['contrast 0.4', (job) => contrast(job, 0.4)],
    ['contrast 1.6', (job) => contrast(job, 1.6)],
    ['sharpness 0.1', (job) => sharpen(job, 0.1)],
    ['sharpness 1.9', (job) => sharpen(job, 1.9)],
    ['autoContrast', autoContrast],
    ['equalize', equalize],
  ];
  it.each(cases)('equals Pillow, which rounds to whole grey levels: %s', (name, apply) => {
    const values = changed(apply);
    const expected = golden[name] ?? [];
    const worst = Math.max(...values.map((value, i) => Math.abs(value - (expected[i] ?? NaN))));
    // The blend is cut off to whole levels, behind a smoothed picture that was rounded: 1 + 0.9 · 0.5.
    expect(worst).toBeLessThan(1.46);
    expect(values).not.toEqual([...grey]);
  });

  it('leaves a constant picture alone', () => {
    const source = { data: new Float32Array(600).fill(7), offset: 0 };
    const target = { data: new Float32Array(600).fill(7), offset: 0 };
    autoContrast({ source, target, format });
    equalize({ source, target, format });
    expect(target.data.every((value) => value === 7)).toBe(true);
  });
});

describe('drawPolicy', () => {
  const draws = (policy: Augmentation, count: number) =>
    Array.from({ length: count }, (_, i) => drawPolicy(policy, createRandom(1).fork(i)));

  it('draws one operation of any strength for TrivialAugment, all equally often', () => {
    const drawn = draws({ trivialAugment: {} }, 11_000).flat();
    expect(drawn.length).toBe(11_000);
    for (const name of policyOperations) {
      const own = drawn.filter(({ operation }) => operation === name);
      // Binomial(11000, 1/11) has a deviation of 30.
      expect(Math.abs(own.length - 1000), name).toBeLessThan(120);
    }
    const rotations = drawn.filter(({ operation }) => operation === 'rotate').map(({ amount }) => amount);
    expect(Math.min(...rotations)).toBe(-1);
    expect(Math.max(...rotations)).toBe(1);
    expect(new Set(rotations.map((amount) => Math.abs(Math.round(30 * amount)))).size).toBe(31);
  });

  it('draws n operations of strength m for RandAugment', () => {
    const drawn = draws({ randAugment: { n: 2, m: 9 } }, 500);
    expect(drawn.every((two) => two.length === 2)).toBe(true);
    expect(new Set(drawn.flat().map(({ amount }) => Math.abs(amount)))).toEqual(new Set([0.3]));
  });

  it('does nothing without a policy, draws included, and as often as it shall', () => {
    const random = createRandom(3);
    expect(drawPolicy({}, random)).toEqual([]);
    expect(random.uniform()).toBe(createRandom(3).uniform());
    const some = draws({ trivialAugment: { probability: 0.25 } }, 1000).filter(({ length }) => length > 0);
    expect(Math.abs(some.length - 250)).toBeLessThan(60);
  });
});

describe('applyPolicy', () => {
  const run = (operation: (typeof policyOperations)[number], amount: number) => {
    const picture = { data: Float32Array.from(grey), offset: 0 };
    applyPolicy(
      [{ operation, amount }],
      picture,
      { data: new Float32Array(600), offset: 0 },
      format,
      options,
    );
    return picture.data;
  };

  it('moves by a fifth of the picture at most', () => {
    const [right, down] = [run('translateX', -1), run('translateY', 0.5)];
    expect(right[5 * 30 + 6]).toBeCloseTo(grey[5 * 30] ?? NaN, 3);
    expect(down[5 * 30 + 6]).toBeCloseTo(grey[7 * 30 + 6] ?? NaN, 3);
  });

  it('slants about the centre', () => {
    // The row above the centre by 4.5 moves by 0.3 · 4.5 = 1.35 pixels.
    const slanted = run('shearX', 1);
    const [row, column] = [5, 10];
    const place = row * 30 + column - 1.35;
    const share = place - Math.floor(place);
    const expected = (1 - share) * (grey[Math.floor(place)] ?? NaN) + share * (grey[Math.ceil(place)] ?? NaN);
    expect(slanted[row * 30 + column]).toBeCloseTo(expected, 2);
  });

  it('keeps every operation at every strength in 0..255', () => {
    for (const operation of policyOperations)
      for (const amount of [-1, -0.5, 0, 0.5, 1])
        expect(
          run(operation, amount).every((value) => value >= 0 && value <= 255),
          operation,
        ).toBe(true);
  });
});

describe('an augmenter with a policy', () => {
  it('repeats itself for the same draw and differs for another', () => {
    const augment = createAugmenter(format, { flip: { probability: 0.5 }, randAugment: { n: 2, m: 15 } });
    const at = (draw: number) => {
      const data = new Float32Array(600);
      augment(grey, 0, createRandom(1).fork(draw), { data, offset: 0 });
      return data;
    };
    expect(at(4)).toEqual(at(4));
    expect(at(4)).not.toEqual(at(5));
  });

  it('refuses two policies at once and figures out of range', () => {
    expect(() => checkAugmentation({ trivialAugment: {}, randAugment: { n: 1, m: 1 } })).toThrow(
      'augmentation: received trivialAugment and randAugment, expected one policy.',
    );
    expect(() => checkAugmentation({ randAugment: { n: 2, m: 31 } })).toThrow('augmentation.randAugment.m');
  });
});
