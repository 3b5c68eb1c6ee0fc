import { describe, expect, it } from 'vitest';
import { createRandom } from '../core/random.js';
import { type Affine, type Geometry, type WarpOptions, composeAffine, warp } from './warp.js';

const height = 7;
const width = 9;

function noise(length: number, seed = 1): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => random.between(0, 255));
}

function warped(source: Float32Array, matrix: Affine, options: Partial<WarpOptions> = {}): Float32Array {
  const size = { height, width, channels: 1, ...options };
  const out = new Float32Array(source.length);
  warp({ data: source, offset: 0 }, { data: out, offset: 0 }, matrix, size);
  return out;
}

function moved(source: Float32Array, geometry: Geometry, options: Partial<WarpOptions> = {}): Float32Array {
  const matrix = composeAffine(options.height ?? height, options.width ?? width, geometry);
  return warped(source, matrix, options);
}

function largestGap(a: Float32Array, b: Float32Array): number {
  return a.reduce((gap, value, i) => Math.max(gap, Math.abs(value - b[i]!)), 0);
}

describe('composeAffine', () => {
  /** Where a source place ends up when the steps are done one after the other, about the centre. */
  function forward([x, y]: [number, number], geometry: Required<Geometry>): [number, number] {
    const { flip, crop, shear, scale, rotation, translation } = geometry;
    let [u, v] = [x - (width - 1) / 2, y - (height - 1) / 2];
    if (flip) u = -u;
    u = (u - (crop.x - 0.5) * (1 - crop.side) * width) / crop.side;
    v = (v - (crop.y - 0.5) * (1 - crop.side) * height) / crop.side;
    u += Math.tan((shear * Math.PI) / 180) * v;
    const angle = (rotation * Math.PI) / 180;
    // Counterclockwise as seen, with rows that count downwards.
    [u, v] = [u * Math.cos(angle) + v * Math.sin(angle), v * Math.cos(angle) - u * Math.sin(angle)];
    [u, v] = [u * scale + translation.x * width, v * scale + translation.y * height];
    return [u + (width - 1) / 2, v + (height - 1) / 2];
  }

  it.each([false, true])('maps each output place back to its source, flip %s', (flip) => {
    const geometry = {
      flip,
      crop: { side: 0.8, x: 0.1, y: 0.7 },
      shear: 12,
      scale: 1.3,
      rotation: 25,
      translation: { x: 0.1, y: -0.2 },
    };
    const [a, b, c, d, e, f] = composeAffine(height, width, geometry);
    const source: [number, number] = [2.5, 1];
    const [x, y] = forward(source, geometry);
    expect(a * x + b * y + c).toBeCloseTo(source[0], 10);
    expect(d * x + e * y + f).toBeCloseTo(source[1], 10);
  });
});

describe.each(['bilinear', 'bicubic'] as const)('warp, %s', (interpolation) => {
  it('leaves a picture alone when nothing is asked', () => {
    const source = noise(height * width);
    const crop = { side: 1, x: 0.3, y: 0.9 };
    expect(moved(source, {}, { interpolation })).toEqual(source);
    expect(moved(source, { crop, scale: 1, rotation: 0 }, { interpolation })).toEqual(source);
  });

  it('mirrors exactly, and back', () => {
    const source = noise(height * width);
    const once = moved(source, { flip: true }, { interpolation });
    expect(Array.from(once.subarray(0, width))).toEqual(Array.from(source.subarray(0, width)).reverse());
    expect(moved(once, { flip: true }, { interpolation })).toEqual(source);
  });

  it('turns by 90 degrees counterclockwise', () => {
    const size = 8;
    const source = noise(size * size);
    const turned = moved(source, { rotation: 90 }, { interpolation, height: size, width: size });
    const expected = Float32Array.from({ length: size * size }, (_, i) => {
      const [row, column] = [Math.floor(i / size), i % size];
      return source[column * size + (size - 1 - row)]!;
    });
    expect(largestGap(turned, expected)).toBeLessThan(1e-3);
  });

  it('moves by whole pixels', () => {
    const source = noise(height * width);
    const shifted = moved(source, { translation: { x: 2 / width, y: 1 / height } }, { interpolation });
    for (let row = 1; row < height; row++) {
      for (let column = 2; column < width; column++) {
        expect(shifted[row * width + column]).toBeCloseTo(source[(row - 1) * width + column - 2]!, 3);
      }
    }
  });

  it('keeps a slope a slope away from the border', () => {
    const slope = Float32Array.from({ length: 400 }, (_, i) => 3 * (i % 20) + 5 * Math.floor(i / 20));
    const geometry = { rotation: 10, scale: 1.1, shear: 4, crop: { side: 0.9, x: 0.2, y: 0.7 } };
    const matrix = composeAffine(20, 20, geometry);
    const out = warped(slope, matrix, { interpolation, height: 20, width: 20 });
    for (const [row, column] of [
      [10, 10],
      [8, 12],
      [13, 7],
    ] as const) {
      const x = matrix[0] * column + matrix[1] * row + matrix[2];
      const y = matrix[3] * column + matrix[4] * row + matrix[5];
      expect(out[row * 20 + column]).toBeCloseTo(3 * x + 5 * y, 3);
    }
  });

  it('works plane by plane, at offsets', () => {
    const source = noise(3 * height * width + 5);
    const out = new Float32Array(source.length);
    const matrix = composeAffine(height, width, { rotation: 20 });
    const options = { height, width, channels: 3, interpolation };
    warp({ data: source, offset: 5 }, { data: out, offset: 2 }, matrix, options);
    const blue = source.slice(5 + 2 * height * width);
    const start = 2 + 2 * height * width;
    expect(out.slice(start, start + height * width)).toEqual(warped(blue, matrix, { interpolation }));
    expect(Array.from(out.subarray(0, 2))).toEqual([0, 0]);
  });
});

describe('warp at the border', () => {
  const row = Float32Array.of(10, 20, 30, 40);
  const strip = { height: 1, width: 4 };
  const left = (pixels: number): Affine => [1, 0, -pixels, 0, 1, 0];

  it('mirrors without repeating the outermost pixel', () => {
    expect(Array.from(warped(row, left(2), { ...strip, border: 'reflect' }))).toEqual([30, 20, 10, 20]);
    expect(Array.from(warped(row, left(5), { ...strip, border: 'reflect' }))).toEqual([20, 30, 40, 30]);
    expect(Array.from(warped(row, left(26), { ...strip, border: 'reflect' }))).toEqual([30, 20, 10, 20]);
  });

  it('repeats the outermost pixel', () => {
    expect(Array.from(warped(row, left(2), { ...strip, border: 'edge' }))).toEqual([10, 10, 10, 20]);
  });

  it('fills with a value, and blends into it', () => {
    const options = { ...strip, border: 'constant', fill: 90 } as const;
    expect(Array.from(warped(row, left(2), options))).toEqual([90, 90, 10, 20]);
    expect(Array.from(warped(row, left(0.5), options))).toEqual([50, 15, 25, 35]);
  });

  const tent = (t: number) => Math.max(0, 1 - Math.abs(t));
  const keys = (t: number) => {
    const [d, square] = [Math.abs(t), t * t];
    if (d <= 1) return 1.5 * d * square - 2.5 * square + 1;
    return d < 2 ? -0.5 * d * square + 2.5 * square - 4 * d + 2 : 0;
  };

  it.each([
    ['bilinear', 'reflect', tent],
    ['bilinear', 'edge', tent],
    ['bicubic', 'reflect', keys],
    ['bicubic', 'edge', keys],
  ] as const)('reads %s, %s, as a weighted sum of the extended picture', (interpolation, border, weight) => {
    const source = noise(height * width);
    const matrix = composeAffine(height, width, {
      rotation: 33,
      scale: 0.6,
      translation: { x: 0.2, y: 0.1 },
    });
    const out = warped(source, matrix, { border, interpolation });
    const index = (i: number, n: number) => {
      if (border === 'edge') return Math.max(0, Math.min(n - 1, i));
      const folded = Math.abs(i) % (2 * (n - 1));
      return folded < n ? folded : 2 * (n - 1) - folded;
    };
    const expected = Float32Array.from({ length: height * width }, (_, i) => {
      const [y, x] = [Math.floor(i / width), i % width];
      const sx = matrix[0] * x + matrix[1] * y + matrix[2];
      const sy = matrix[3] * x + matrix[4] * y + matrix[5];
      let sum = 0;
      for (let row = Math.floor(sy) - 1; row <= Math.floor(sy) + 2; row++) {
        for (let column = Math.floor(sx) - 1; column <= Math.floor(sx) + 2; column++) {
          const value = source[index(row, height) * width + index(column, width)]!;
          sum += weight(sy - row) * weight(sx - column) * value;
        }
      }
      return sum;
    });
    expect(largestGap(out, expected)).toBeLessThan(1e-3);
  });

  it('refuses a matrix that is not finite', () => {
    expect(() => warped(row, composeAffine(1, 4, { scale: 0 }), strip)).toThrow(
      /^warp: received \[.*\], expected finite numbers\.$/,
    );
  });
});
