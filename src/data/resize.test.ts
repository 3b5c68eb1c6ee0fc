import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import type { Picture } from './images.js';
import { type Interpolation, resizeImage, resizeMatrix, resizePixels } from './resize.js';

interface GoldenCase {
  name: string;
  shape: [number, number, 1 | 3];
  size: [number, number];
  method: Interpolation;
  antialias: boolean;
  step: number;
  thousandths: number[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../tests/golden/resize.json', import.meta.url), 'utf8'),
) as GoldenCase[];

/** The formula of tests/golden/resize.py. */
function picture([height, width, channels]: [number, number, 1 | 3]): Picture {
  const pixels = Uint8Array.from(
    { length: height * width * channels },
    (_, k) => (k * k * 7 + k * 13 + 5) % 256,
  );
  return { height, width, channels, pixels };
}

/** rows · image · columnsᵀ, the way a graph would do it. */
function byMatrices({ height, width, channels, pixels }: Picture, size: [number, number], options: object) {
  const rows = resizeMatrix(height, size[0], options);
  const columns = resizeMatrix(width, size[1], options);
  const result = new Float64Array(size[0] * size[1] * channels);
  for (let y = 0; y < size[0]; y++)
    for (let h = 0; h < height; h++)
      for (let x = 0; x < size[1]; x++)
        for (let w = 0; w < width; w++)
          for (let c = 0; c < channels; c++)
            result[(y * size[1] + x) * channels + c]! +=
              rows[y * height + h]! * columns[x * width + w]! * pixels[(h * width + w) * channels + c]!;
  return result;
}

function worst(values: ArrayLike<number>, { step, thousandths }: GoldenCase): number {
  return Math.max(...thousandths.map((v, i) => Math.abs(values[i * step]! - v / 1000)));
}

describe('resize against tf.image.resize', () => {
  // 1e-4 of the 0..255 range; without antialias TensorFlow rounds bicubic offsets to 1/1024 of a pixel.
  const toleranceOf = (c: GoldenCase) => (c.method === 'bicubic' && !c.antialias ? 0.2 : 0.0255);

  it.each(golden)('$name', (c) => {
    const values = resizePixels(picture(c.shape), c.size[0], c.size[1], {
      interpolation: c.method,
      antialias: c.antialias,
    });
    expect(values.length).toBe(c.size[0] * c.size[1] * c.shape[2]);
    expect(worst(values, c)).toBeLessThan(toleranceOf(c));
  });

  it.each(golden.filter((c) => c.shape[0] < 60))('$name, as two matrix products', (c) => {
    const options = { interpolation: c.method, antialias: c.antialias };
    expect(worst(byMatrices(picture(c.shape), c.size, options), c)).toBeLessThan(toleranceOf(c));
  });
});

describe('resizeMatrix', () => {
  it.each([
    [48, 96],
    [96, 48],
    [7, 3],
    [1, 5],
    [5, 1],
  ])('has rows that sum to 1 (%i to %i)', (from, to) => {
    const matrix = resizeMatrix(from, to);
    for (let row = 0; row < to; row++) {
      const sum = matrix.subarray(row * from, (row + 1) * from).reduce((a, b) => a + b, 0);
      expect(sum).toBeCloseTo(1, 6);
    }
  });

  it('uses the outermost pixels alone at the edge of a doubled axis', () => {
    // The first output centre lies at 1/4; the input centres are at 1/2, 3/2 and 5/2.
    const cubic = (x: number) =>
      x > 1 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 1.5 * x ** 3 - 2.5 * x ** 2 + 1;
    const weights = [0.25, 1.25, 2.25].map((x) => (x < 2 ? cubic(x) : 0));
    const sum = weights.reduce((a, b) => a + b, 0);
    const row = resizeMatrix(4, 8).subarray(0, 3);
    weights.forEach((weight, i) => expect(row[i]).toBeCloseTo(weight / sum, 6));
  });

  it('refuses sizes that are not positive integers', () => {
    expect(() => resizeMatrix(48, 0)).toThrow(
      'resize: output size: received 0, expected an integer of at least 1.',
    );
    expect(() => resizeMatrix(4.5, 2)).toThrow('resize: input size: received 4.5');
  });
});

describe('resizeImage', () => {
  it('returns a picture of the wanted size untouched', () => {
    const same = picture([6, 6, 1]);
    expect(resizeImage(same, 6, 6)).toBe(same);
  });

  it('rounds and clips overshoot at a sharp edge', () => {
    const edge: Picture = { height: 1, width: 4, channels: 1, pixels: Uint8Array.of(0, 0, 255, 255) };
    const values = resizePixels(edge, 1, 16);
    expect(Math.min(...values)).toBeLessThan(-1);
    const { pixels } = resizeImage(edge, 1, 16);
    expect(Math.max(...pixels)).toBe(255);
    pixels.forEach((pixel, i) => {
      expect(Math.abs(pixel - Math.min(255, Math.max(0, values[i]!)))).toBeLessThanOrEqual(0.5001);
    });
  });

  it('keeps a constant picture constant', () => {
    const flat: Picture = { height: 9, width: 5, channels: 3, pixels: new Uint8Array(135).fill(77) };
    expect(new Set(resizeImage(flat, 4, 11).pixels)).toEqual(new Set([77]));
  });

  it('answers the same when weights are known already, of every filter and beyond the limit', () => {
    const face = picture([12, 12, 1]);
    const filters = ['bicubic', 'bilinear', 'nearest'] as const;
    const all = () => filters.map((interpolation) => resizePixels(face, 5, 5, { interpolation }));
    const first = all();
    for (let size = 1; size <= 40; size++) resizePixels(face, size, size);
    expect(all()).toEqual(first);
    expect(all()).toEqual(first);
    expect(first[0]).not.toEqual(first[1]);
    expect(resizePixels(face, 5, 5, { antialias: false })).not.toEqual(first[0]);
  });
});
