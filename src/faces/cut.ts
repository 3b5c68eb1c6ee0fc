import type { Picture } from '../data/images.js';
import { resizeImage } from '../data/resize.js';
import type { Framing } from './framing.js';

/** The turned square is first cut this many times larger than asked, if the picture has so much detail. */
const FINER = 2;
/** Pixels from one bilinear sample to the next, at most: each reaches over two. */
const STEP = 1.5;

/**
 * Cuts a framed face out of a picture and turns it upright. Where the frame reaches beyond the picture, the edge is
 * repeated.
 *
 * @param size height and width of the result, pixels
 * @returns as many channels as the picture has
 */
export function cutFrame(
  picture: Picture,
  framing: Framing,
  [height, width]: readonly [number, number],
): Picture {
  const most = FINER * Math.max(height, width);
  const side = Math.max(1, Math.min(most, Math.round(framing.side)));
  return resizeImage(cutSquare(picture, framing, side), height, width);
}

/** The framed square as `side` × `side` pixels, each the mean of enough bilinear samples to skip no pixel. */
function cutSquare(picture: Picture, framing: Framing, side: number): Picture {
  const { channels } = picture;
  const samples = Math.ceil(framing.side / side / STEP);
  const step = framing.side / (side * samples);
  const [right, down] = [Math.cos(framing.angle) * step, Math.sin(framing.angle) * step];
  const sums = new Float64Array(side * side * channels);
  const half = (side * samples - 1) / 2;
  for (let v = 0; v < side * samples; v++) {
    for (let u = 0; u < side * samples; u++) {
      // Pixel centres lie at half integers; samples about the frame's middle.
      const x = framing.x - 0.5 + (u - half) * right - (v - half) * down;
      const y = framing.y - 0.5 + (u - half) * down + (v - half) * right;
      addSample(picture, x, y, sums, (Math.floor(v / samples) * side + Math.floor(u / samples)) * channels);
    }
  }
  const share = 1 / samples ** 2;
  const pixels = new Uint8Array(Uint8ClampedArray.from(sums, (sum) => sum * share).buffer);
  return { height: side, width: side, channels, pixels };
}

/** Adds a bilinear sample to `sums` at `to`, channel by channel. */
function addSample(
  { width, height, channels, pixels }: Picture,
  x: number,
  y: number,
  sums: Float64Array,
  to: number,
): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const right = x - left;
  const below = y - top;
  const x0 = inside(left, width) * channels;
  const x1 = inside(left + 1, width) * channels;
  const row0 = inside(top, height) * width * channels;
  const row1 = inside(top + 1, height) * width * channels;
  for (let channel = 0; channel < channels; channel++) {
    const upper =
      (1 - right) * (pixels[row0 + x0 + channel] ?? 0) + right * (pixels[row0 + x1 + channel] ?? 0);
    const lower =
      (1 - right) * (pixels[row1 + x0 + channel] ?? 0) + right * (pixels[row1 + x1 + channel] ?? 0);
    sums[to + channel] = (sums[to + channel] ?? 0) + (1 - below) * upper + below * lower;
  }
}

function inside(index: number, size: number): number {
  return Math.min(size - 1, Math.max(0, index));
}
