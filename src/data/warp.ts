import { GraphError } from '../core/errors.js';

/** How a picture is read between its pixels. Bicubic is Keys's kernel with a = −0.5 (Keys 1981). */
export type Interpolation = 'bilinear' | 'bicubic';

/** What lies beyond the border: mirrored pixels (the outermost not repeated), the outermost pixel, or a value. */
export type Border = 'reflect' | 'edge' | 'constant';

/**
 * Maps an output pixel to its place in the source: `sourceX = m[0]·x + m[1]·y + m[2]`,
 * `sourceY = m[3]·x + m[4]·y + m[5]`, with pixel centres at whole numbers.
 */
export type Affine = readonly [number, number, number, number, number, number];

/** A geometric change, in the order in which it happens to the picture. */
export interface Geometry {
  /** Mirror left and right. */
  readonly flip?: boolean;
  /** Window that is cut out and brought back to full size: its side as a fraction, its place in 0..1 per axis. */
  readonly crop?: { readonly side: number; readonly x: number; readonly y: number };
  /** Horizontal slant, in degrees. */
  readonly shear?: number;
  /** Enlargement about the centre. */
  readonly scale?: number;
  /** Turn about the centre, in degrees, counterclockwise as seen. */
  readonly rotation?: number;
  /** Move to the right and down, as a fraction of width and height. */
  readonly translation?: { readonly x: number; readonly y: number };
}

/** A block of float planes `[channel, row, column]` that starts at `offset` of `data`. */
export interface Planes {
  readonly data: Float32Array;
  readonly offset: number;
}

/** Shape and sampling of one {@link warp}. */
export interface WarpOptions {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly interpolation?: Interpolation;
  readonly border?: Border;
  /** Value beyond a `constant` border, in the picture's own units. */
  readonly fill?: number;
}

/**
 * Composes a {@link Geometry} into the one matrix that {@link warp} takes.
 *
 * @example
 * const quarter = composeAffine(48, 48, { rotation: 90 });
 */
export function composeAffine(height: number, width: number, geometry: Geometry): Affine {
  const { flip = false, crop, shear = 0, scale = 1, rotation = 0, translation } = geometry;
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  const angle = (rotation * Math.PI) / 180;
  const slant = Math.tan((shear * Math.PI) / 180);
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const side = crop?.side ?? 1;
  const mirror = flip ? -1 : 1;
  // Backwards from output to source: undo the move, the turn and scale, the slant, the crop, the flip.
  const a = mirror * side * (cos - slant * sin);
  const b = mirror * side * (-sin - slant * cos);
  const d = side * sin;
  const e = side * cos;
  const left = ((crop?.x ?? 0.5) - 0.5) * (1 - side) * width;
  const top = ((crop?.y ?? 0.5) - 0.5) * (1 - side) * height;
  const ox = cx + (translation?.x ?? 0) * width;
  const oy = cy + (translation?.y ?? 0) * height;
  return [a, b, cx + mirror * left - a * ox - b * oy, d, e, cy + top - d * ox - e * oy];
}

/**
 * Resamples a picture once through an affine map.
 *
 * `source` and `target` are float planes `[channel, row, column]` of the same size and must not overlap.
 * Bicubic results can leave the range of the source a little: clip afterwards.
 * @throws GraphError when the matrix has an entry that is not finite.
 */
export function warp(source: Planes, target: Planes, matrix: Affine, options: WarpOptions): void {
  const { height, width, channels, interpolation = 'bilinear', border = 'reflect', fill = 0 } = options;
  if (!matrix.every(Number.isFinite)) {
    throw new GraphError({ where: 'warp', received: `[${matrix.join(', ')}]`, expected: 'finite numbers' });
  }
  const kernel = interpolation === 'bicubic' ? bicubicRow : bilinearRow;
  const job: PlaneJob = { from: source.data, base: 0, to: target.data, height, width, border, fill };
  for (let channel = 0; channel < channels; channel++) {
    job.base = source.offset + channel * height * width;
    const start = target.offset + channel * height * width;
    for (let y = 0; y < height; y++) kernel(job, start + y * width, y, matrix);
  }
}

interface PlaneJob {
  readonly from: Float32Array;
  base: number;
  readonly to: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly border: Border;
  readonly fill: number;
}

function bilinearRow(job: PlaneJob, start: number, y: number, matrix: Affine): void {
  const { from, base, to, height, width, border } = job;
  const [a, d] = [matrix[0], matrix[3]];
  const rowX = matrix[1] * y + matrix[2];
  const rowY = matrix[4] * y + matrix[5];
  const [maxX, maxY] = [width - 1, height - 1];
  // The last pixel is read as the far end of the pair before it; a picture one pixel wide has no pair.
  const [lastX, lastY] = [Math.max(0, width - 2), Math.max(0, height - 2)];
  const [right, down] = [width > 1 ? 1 : 0, height > 1 ? width : 0];
  for (let x = 0; x < width; x++) {
    let sx = a * x + rowX;
    let sy = d * x + rowY;
    if (!(sx >= 0 && sy >= 0 && sx <= maxX && sy <= maxY)) {
      if (border === 'constant') {
        to[start + x] = bilinearAtBorder(job, sx, sy);
        continue;
      }
      sx = foldPlace(sx, maxX, border);
      sy = foldPlace(sy, maxY, border);
    }
    const ix = Math.min(sx | 0, lastX);
    const iy = Math.min(sy | 0, lastY);
    const p = base + iy * width + ix;
    const topLeft = from[p] as number;
    const bottomLeft = from[p + down] as number;
    const top = topLeft + ((from[p + right] as number) - topLeft) * (sx - ix);
    const bottom = bottomLeft + ((from[p + down + right] as number) - bottomLeft) * (sx - ix);
    to[start + x] = top + (bottom - top) * (sy - iy);
  }
}

/** Brings a place outside 0..max back inside; bilinear reading commutes with mirroring and clamping. */
function foldPlace(place: number, max: number, border: Border): number {
  return border === 'edge' ? Math.max(0, Math.min(place, max)) : mirrorPlace(place, max);
}

/** Mirrors a place into 0..max; reading with a symmetric kernel commutes with it. */
function mirrorPlace(place: number, max: number): number {
  if (max === 0) return 0;
  // Almost every place is within one picture of the border, where mirroring is faster than a remainder.
  let folded = Math.abs(place) > 4 * max ? place % (2 * max) : place;
  while (folded < 0 || folded > max) folded = folded < 0 ? -folded : 2 * max - folded;
  return folded;
}

/** A bilinear value near a constant border, tap by tap. */
function bilinearAtBorder(job: PlaneJob, sx: number, sy: number): number {
  const [ix, iy] = [Math.floor(sx), Math.floor(sy)];
  const top = lerp(pixel(job, iy, ix), pixel(job, iy, ix + 1), sx - ix);
  const bottom = lerp(pixel(job, iy + 1, ix), pixel(job, iy + 1, ix + 1), sx - ix);
  return lerp(top, bottom, sy - iy);
}

function bicubicRow(job: PlaneJob, start: number, y: number, matrix: Affine): void {
  const { from, base, to, height, width, border } = job;
  const [a, d] = [matrix[0], matrix[3]];
  const rowX = matrix[1] * y + matrix[2];
  const rowY = matrix[4] * y + matrix[5];
  for (let x = 0; x < width; x++) {
    let sx = a * x + rowX;
    let sy = d * x + rowY;
    if (border === 'reflect') {
      sx = mirrorPlace(sx, width - 1);
      sy = mirrorPlace(sy, height - 1);
    }
    if (!(sx >= 1 && sy >= 1 && sx < width - 2 && sy < height - 2)) {
      to[start + x] = bicubicAtBorder(job, sx, sy);
      continue;
    }
    const ix = sx | 0;
    const iy = sy | 0;
    const tx = sx - ix;
    const ty = sy - iy;
    const w0 = outerWeight(1 + tx);
    const w1 = innerWeight(tx);
    const w2 = innerWeight(1 - tx);
    const w3 = outerWeight(2 - tx);
    const p = base + iy * width + ix;
    to[start + x] =
      outerWeight(1 + ty) * fourTaps(from, p - width, w0, w1, w2, w3) +
      innerWeight(ty) * fourTaps(from, p, w0, w1, w2, w3) +
      innerWeight(1 - ty) * fourTaps(from, p + width, w0, w1, w2, w3) +
      outerWeight(2 - ty) * fourTaps(from, p + 2 * width, w0, w1, w2, w3);
  }
}

/** The weighted sum of the pixels p−1..p+2. */
function fourTaps(from: Float32Array, p: number, w0: number, w1: number, w2: number, w3: number): number {
  const near = w1 * (from[p] as number) + w2 * (from[p + 1] as number);
  return w0 * (from[p - 1] as number) + near + w3 * (from[p + 2] as number);
}

/** A bicubic value near or beyond the border, tap by tap. */
function bicubicAtBorder(job: PlaneJob, sx: number, sy: number): number {
  const [ix, iy] = [Math.floor(sx), Math.floor(sy)];
  let sum = 0;
  for (let k = -1; k <= 2; k++) {
    let row = 0;
    for (let l = -1; l <= 2; l++) row += cubicWeight(sx - ix - l) * pixel(job, iy + k, ix + l);
    sum += cubicWeight(sy - iy - k) * row;
  }
  return sum;
}

/** The pixel at any row and column, through the border rule. */
function pixel(job: PlaneJob, row: number, column: number): number {
  const y = borderIndex(row, job.height, job.border);
  const x = borderIndex(column, job.width, job.border);
  return y < 0 || x < 0 ? job.fill : (job.from[job.base + y * job.width + x] as number);
}

/** The index in 0..size-1 that stands for any index, or −1 for the fill value. */
function borderIndex(index: number, size: number, border: Border): number {
  if (index >= 0 && index < size) return index;
  if (border === 'constant') return -1;
  if (border === 'edge' || size === 1) return index < 0 ? 0 : size - 1;
  const period = 2 * (size - 1);
  const folded = ((index % period) + period) % period;
  return folded < size ? folded : period - folded;
}

function lerp(from: number, to: number, t: number): number {
  return from + (to - from) * t;
}

/** Keys's cubic at any distance up to 2. */
function cubicWeight(t: number): number {
  const distance = Math.abs(t);
  return distance <= 1 ? innerWeight(distance) : outerWeight(distance);
}

/** Keys's cubic, |t| ≤ 1. */
function innerWeight(t: number): number {
  return (1.5 * t - 2.5) * t * t + 1;
}

/** Keys's cubic, 1 ≤ |t| ≤ 2. */
function outerWeight(t: number): number {
  return ((-0.5 * t + 2.5) * t - 4) * t + 2;
}
