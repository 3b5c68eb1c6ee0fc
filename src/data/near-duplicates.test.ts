import { describe, expect, it } from 'vitest';

import { createRandom } from '../core/random.js';
import { drawFaces } from './draw/draw.js';
import { type ImageSet, pixelsAt, subset } from './images.js';
import { nearGroupsOf, nearPairs } from './near-duplicates.js';
import { searchNear } from './near-search.js';
import { differingBits, perceptualHashes, spectrumOf } from './perceptual-hash.js';

const faces = drawFaces({ perClass: 30, seed: 5 });
const n = faces.labels.length;
const SIDE = 48;

/** The set with changed copies of some pictures behind it. */
function withCopies(
  changes: readonly [image: number, change: (pixels: Uint8Array) => Uint8Array][],
): ImageSet {
  const set = subset(faces, [...faces.names.keys(), ...changes.map(([image]) => image)]);
  changes.forEach(([image, change], i) => {
    set.pixels.set(change(pixelsAt(faces, image)), (n + i) * SIDE * SIDE);
  });
  return set;
}

const darker = (pixels: Uint8Array) => pixels.map((value) => 20 + value * 0.7);
const shifted = (pixels: Uint8Array) => pixels.map((_, i) => pixels[i % SIDE === 47 ? i : i + 1] ?? 0);
const mirrored = (pixels: Uint8Array) =>
  pixels.map((_, i) => pixels[i - (i % SIDE) + SIDE - 1 - (i % SIDE)] ?? 0);
const watermarked = (pixels: Uint8Array) =>
  pixels.map((value, i) =>
    Math.floor(i / SIDE) > 20 && Math.floor(i / SIDE) < 26 && i % 7 < 3 ? 200 : value,
  );

describe('nearPairs', () => {
  const set = withCopies([
    [3, darker],
    [50, shifted],
    [100, mirrored],
    [150, watermarked],
    [7, (pixels) => pixels],
    [8, () => new Uint8Array(SIDE * SIDE)],
  ]);
  const pairs = nearPairs(set, { correlation: 0.9 });
  const of = (copy: number) => pairs.filter(({ second }) => second === copy);

  it.each([
    ['another brightness and contrast', 0, 3, false],
    ['a shift by a pixel', 1, 50, false],
    ['a mirror image', 2, 100, true],
    ['a watermark', 3, 150, false],
  ])('finds %s', (_what, copy, original, flip) => {
    expect(of(n + copy)).toMatchObject([{ first: original, second: n + copy, mirrored: flip }]);
  });

  it('leaves exact copies and constant pictures to others', () => {
    expect(of(n + 4)).toEqual([]);
    expect(of(n + 5)).toEqual([]);
  });

  it('takes different drawn faces for different', () => {
    expect(pairs.filter(({ second }) => second < n)).toEqual([]);
  });

  it('groups what is near, and exact copies with it', () => {
    const groups = nearGroupsOf(set, pairs);
    expect([3, 50, 100, 150, 7].map((image) => groups[image])).toEqual(
      [0, 1, 2, 3, 4].map((copy) => groups[n + copy]),
    );
    expect(new Set(groups).size).toBe(n + 1);
    expect([...groups.slice(0, 5)]).toEqual([0, 1, 2, 3, 4]);
  });

  it('joins groups through a common member', () => {
    const pair = (first: number, second: number) => ({ first, second, correlation: 1, mirrored: false });
    const groups = nearGroupsOf(faces, [pair(5, 9), pair(1, 2), pair(2, 9)]);
    expect([1, 2, 5, 9].map((image) => groups[image])).toEqual([1, 1, 1, 1]);
    expect(new Set(groups).size).toBe(n - 3);
  });
});

describe('searchNear', () => {
  it('finds what a comparison of all with all finds', () => {
    const random = createRandom(1);
    const hashes = Uint32Array.from({ length: 2 * 400 }, () => random.integer(2 ** 32));
    // Neighbours of each of the first hundred, at every distance up to 15.
    for (let i = 0; i < 100; i++) {
      hashes.set(hashes.subarray(2 * i, 2 * i + 2), 2 * (300 + i));
      for (let bit = 0; bit < i % 16; bit++) {
        const place = (bit * 37 + i) % 64;
        const word = 2 * (300 + i) + (place >> 5);
        hashes[word] = (hashes[word]! ^ (1 << (place & 31))) >>> 0;
      }
    }
    for (const radius of [0, 3, 7, 9, 11]) {
      const found: string[] = [];
      searchNear(hashes, hashes, { radius }, (a, b) => found.push(`${a}-${b}`));
      const all: string[] = [];
      for (let a = 0; a < 400; a++) {
        for (let b = a + 1; b < 400; b++) {
          const bits =
            differingBits(hashes[2 * a]!, hashes[2 * b]!) +
            differingBits(hashes[2 * a + 1]!, hashes[2 * b + 1]!);
          if (bits <= radius) all.push(`${a}-${b}`);
        }
      }
      expect(found.sort()).toEqual(all.sort());
      expect(all.length).toBeGreaterThan(radius * 5);
    }
  });

  it('refuses a radius that would compare all with all', () => {
    expect(() => searchNear(new Uint32Array(2), new Uint32Array(2), { radius: 12 }, () => undefined)).toThrow(
      'near duplicates: radius: received 12, expected a whole number of bits from 0 to 11.',
    );
  });
});

describe('perceptualHashes', () => {
  it('gives a mirror image the mirrored hash', () => {
    const set = withCopies([[11, mirrored]]);
    const spectrum = spectrumOf(set);
    const plain = perceptualHashes(spectrum);
    const flipped = perceptualHashes(spectrum, true);
    expect([...flipped.slice(2 * 11, 2 * 11 + 2)]).toEqual([...plain.slice(2 * n, 2 * n + 2)]);
  });
});
