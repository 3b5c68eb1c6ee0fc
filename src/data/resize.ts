import { checkInteger, checkOneOf } from '../core/checks.js';
import type { Picture } from './images.js';

/** How neighbouring pixels are weighed. */
export type Interpolation = 'bicubic' | 'bilinear' | 'nearest';

/** Options of every resize function. */
export interface ResizeOptions {
  /** Filter; default `bicubic`. */
  readonly interpolation?: Interpolation;
  /** Widen the filter when shrinking, so that no pixel is skipped; default true, without effect on `nearest`. */
  readonly antialias?: boolean;
}

/** The weights of one output sample: `weights[k]` belongs to input sample `start + k`. */
interface Span {
  readonly start: number;
  readonly weights: Float64Array;
}

/** A resampling filter: its value at a distance in samples, zero from `radius` on. */
interface Kernel {
  readonly radius: number;
  readonly valueAt: (distance: number) => number;
}

/**
 * Keys's cubic with a = −1/2 ("Cubic convolution interpolation for digital image processing", IEEE
 * Transactions on Acoustics, Speech and Signal Processing 1981).
 *   x ≤ 1: (3/2)x³ − (5/2)x² + 1;  1 < x < 2: −(1/2)x³ + (5/2)x² − 4x + 2
 */
const cubic: Kernel = {
  radius: 2,
  valueAt: (x) => {
    if (x >= 2) return 0;
    return x > 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1;
  },
};

const triangle: Kernel = { radius: 1, valueAt: (x) => Math.max(0, 1 - x) };

/**
 * The constant matrix `[to, from]`, row-major, that resizes one axis: `rows · image · columnsᵀ` equals
 * `tf.image.resize(image, [height, width], method, antialias)`.
 *
 * Pixel centres lie at half integers; where the filter reaches beyond the edge, its weights are scaled back
 * to sum 1, so every row sums to 1. TensorFlow rounds the offsets of bicubic *without* antialias to 1/1024
 * of a pixel; this function does not (difference below 0.2 grey levels).
 *
 * @throws InputError when a size is not a positive integer.
 *
 * @example
 * const rows = resizeMatrix(48, 96); // Float32Array of 96 · 48 weights
 */
export function resizeMatrix(from: number, to: number, options: ResizeOptions = {}): Float32Array {
  const matrix = new Float32Array(to * from);
  resizeSpans(from, to, options).forEach(({ start, weights }, row) =>
    matrix.set(weights, row * from + start),
  );
  return matrix;
}

/**
 * Resizes a picture; the result is float32 `[row, column, channel]` in grey levels, neither rounded nor
 * clipped: bicubic results may leave 0..255 beside sharp edges.
 *
 * @throws InputError when a size is not a positive integer.
 */
export function resizePixels(
  picture: Picture,
  height: number,
  width: number,
  options: ResizeOptions = {},
): Float32Array {
  const { channels } = picture;
  const columns = resizeSpans(picture.width, width, options);
  const rows = resizeSpans(picture.height, height, options);
  const narrow = resizeAxis(picture.pixels, columns, {
    outer: picture.height,
    from: picture.width,
    inner: channels,
  });
  return resizeAxis(narrow, rows, { outer: 1, from: picture.height, inner: width * channels });
}

/**
 * Resizes a picture and rounds to uint8, clipped to 0..255; a picture of that size is returned as it is.
 *
 * @throws InputError when a size is not a positive integer.
 *
 * @example
 * const small = resizeImage(await decodeImage(bytes, 'face.jpg'), 48, 48);
 */
export function resizeImage(
  picture: Picture,
  height: number,
  width: number,
  options: ResizeOptions = {},
): Picture {
  if (picture.height === height && picture.width === width) return picture;
  const values = resizePixels(picture, height, width, options);
  // A clamped array rounds to nearest and clips.
  const pixels = new Uint8Array(Uint8ClampedArray.from(values).buffer);
  return { height, width, channels: picture.channels, pixels };
}

/** Most pictures of a run have few sizes: their weights are computed once. */
const known = new Map<string, readonly Span[]>();
const MOST_KNOWN = 32;

function resizeSpans(from: number, to: number, options: ResizeOptions): readonly Span[] {
  const { interpolation = 'bicubic', antialias = true } = options;
  const key = `${from} ${to} ${interpolation} ${antialias}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const spans = computeSpans(from, to, interpolation, antialias);
  const [oldest] = known.keys();
  if (known.size >= MOST_KNOWN && oldest !== undefined) known.delete(oldest);
  known.set(key, spans);
  return spans;
}

function computeSpans(from: number, to: number, interpolation: Interpolation, antialias: boolean): Span[] {
  checkInteger('resize: input size', from, 1);
  checkInteger('resize: output size', to, 1);
  checkOneOf('resize: interpolation', interpolation, ['bicubic', 'bilinear', 'nearest']);
  const samples = Array.from({ length: to }, (_, index) => ((index + 0.5) * from) / to);
  if (interpolation === 'nearest') return samples.map((sample) => nearestSpan(sample, from));
  const kernel = interpolation === 'bicubic' ? cubic : triangle;
  const stretch = antialias ? Math.max(1, from / to) : 1;
  return samples.map((sample) => kernelSpan(sample, from, kernel, stretch));
}

function nearestSpan(sample: number, from: number): Span {
  return { start: Math.min(from - 1, Math.floor(sample)), weights: Float64Array.of(1) };
}

function kernelSpan(sample: number, from: number, kernel: Kernel, stretch: number): Span {
  const reach = kernel.radius * stretch;
  const start = Math.max(0, Math.ceil(sample - reach - 0.5));
  const end = Math.min(from - 1, Math.floor(sample + reach - 0.5));
  const weights = Float64Array.from({ length: end - start + 1 }, (_, k) =>
    kernel.valueAt(Math.abs(start + k + 0.5 - sample) / stretch),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return { start, weights: weights.map((weight) => weight / sum) };
}

/** Resamples the middle axis of `[outer, from, inner]`; returns `[outer, spans, inner]`. */
function resizeAxis(
  values: Uint8Array | Float32Array,
  spans: readonly Span[],
  { outer, from, inner }: { outer: number; from: number; inner: number },
): Float32Array {
  const result = new Float32Array(outer * spans.length * inner);
  for (let block = 0; block < outer; block++) {
    spans.forEach(({ start, weights }, position) => {
      const target = (block * spans.length + position) * inner;
      const source = (block * from + start) * inner;
      for (let i = 0; i < inner; i++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) {
          sum += (weights[k] ?? 0) * (values[source + k * inner + i] ?? 0);
        }
        result[target + i] = sum;
      }
    });
  }
  return result;
}
