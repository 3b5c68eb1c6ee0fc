import { at } from '../core/checks.js';
import { median } from '../core/statistics.js';
import { type ImageSet, imageCount, pixelsAt } from './images.js';

/** Frequencies per direction; the mean is left out, which leaves 63 bits. */
const SIDE = 8;
const COEFFICIENTS = SIDE * SIDE - 1;
/** Pictures between two reports of progress. */
const REPORT = 1000;

/** Sums of brightness over one set's pictures, from which hashes are made: `[image, 63]`. */
export interface Spectrum {
  readonly images: number;
  readonly coefficients: Float32Array;
}

/** Hashes of 63 bits as two words each: `[image, 2]`. */
export type Hashes = Uint32Array;

/**
 * The lowest 8×8 frequencies of each picture's discrete cosine transform without the mean: `[image, 63]`. Grey is the
 * mean of the channels.
 */
export function spectrumOf(set: ImageSet, onProgress?: (done: number, total: number) => void): Spectrum {
  const images = imageCount(set);
  const coefficients = new Float32Array(images * COEFFICIENTS);
  const [rows, columns] = [cosines(set.height), cosines(set.width)];
  for (let image = 0; image < images; image++) {
    const block = transform(set, image, rows, columns);
    coefficients.set(block.subarray(1), image * COEFFICIENTS);
    if ((image + 1) % REPORT === 0) onProgress?.(image + 1, images);
  }
  return { images, coefficients };
}

/**
 * Perceptual hashes (after Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010): a bit
 * says whether a coefficient lies above its median. The medians are those of all pictures of the set together, not of each
 * picture: faces resemble each other, and only so is every bit set in half of them.
 *
 * @param mirrored hashes of the mirror images instead
 */
export function perceptualHashes({ images, coefficients }: Spectrum, mirrored = false): Hashes {
  const thresholds = Array.from({ length: COEFFICIENTS }, (_, k) =>
    median(sampled({ images, coefficients }, k)),
  );
  const hashes = new Uint32Array(images * 2);
  for (let image = 0; image < images; image++) {
    for (let k = 0; k < COEFFICIENTS; k++) {
      // A mirror image has the odd horizontal frequencies with the opposite sign.
      const sign = mirrored && ((k + 1) % SIDE) % 2 === 1 ? -1 : 1;
      const above = sign * at(coefficients, image * COEFFICIENTS + k) > at(thresholds, k);
      if (above) hashes[image * 2 + (k >> 5)] = (at(hashes, image * 2 + (k >> 5)) | (1 << (k & 31))) >>> 0;
    }
  }
  return hashes;
}

/** Number of bits in which two words differ. */
export function differingBits(a: number, b: number): number {
  let x = a ^ b;
  x -= (x >>> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Values of one coefficient, of at most some thousand pictures. */
function sampled({ images, coefficients }: Spectrum, k: number): number[] {
  const step = Math.max(1, Math.floor(images / 4000));
  return Array.from({ length: Math.ceil(images / step) }, (_, i) =>
    at(coefficients, i * step * COEFFICIENTS + k),
  );
}

/** DCT-II basis `[frequency, sample]`, without scale. */
function cosines(samples: number): Float64Array {
  return Float64Array.from({ length: SIDE * samples }, (_, i) => {
    const [frequency, sample] = [Math.floor(i / samples), i % samples];
    return Math.cos((Math.PI * frequency * (sample + 0.5)) / samples);
  });
}

/** The lowest frequencies of one picture, `[vertical, horizontal]`. */
function transform(set: ImageSet, image: number, rows: Float64Array, columns: Float64Array): Float64Array {
  const { height, width, channels } = set;
  const pixels = pixelsAt(set, image);
  const across = new Float64Array(SIDE);
  const block = new Float64Array(SIDE * SIDE);
  for (let y = 0; y < height; y++) {
    across.fill(0);
    for (let i = 0; i < width * channels; i++) {
      const value = pixels[y * width * channels + i] ?? 0;
      const x = channels === 1 ? i : Math.floor(i / channels);
      for (let u = 0; u < SIDE; u++) across[u] = (across[u] ?? 0) + value * (columns[u * width + x] ?? 0);
    }
    for (let v = 0; v < SIDE; v++) {
      const weight = rows[v * height + y] ?? 0;
      for (let u = 0; u < SIDE; u++) {
        block[v * SIDE + u] = (block[v * SIDE + u] ?? 0) + weight * (across[u] ?? 0);
      }
    }
  }
  return block;
}
