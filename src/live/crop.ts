import type { Preprocessing } from '../core/preprocessing.js';
import { toColour } from '../data/decode.js';
import type { Picture } from '../data/images.js';
import { resizeImage } from '../data/resize.js';
import type { Box } from './detector.js';

/** A square of whole pixels; it may reach beyond the picture. */
export interface Square {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/**
 * The square around a box: as wide as its longer side plus a margin on either end, about its middle.
 *
 * @param margin share of the longer side, e.g. 0.25
 */
export function squareAround({ x, y, width, height }: Box, margin: number): Square {
  const side = Math.max(1, Math.round(Math.max(width, height) * (1 + 2 * margin)));
  return { left: Math.round(x + (width - side) / 2), top: Math.round(y + (height - side) / 2), side };
}

/**
 * Cuts a square out of a picture. Where it reaches beyond the picture, the edge is repeated.
 *
 * @param picture RGB, uint8 `[row, column, channel]`
 */
export function cutSquare(picture: Picture, { left, top, side }: Square): Picture {
  const source = picture.pixels;
  const pixels = new Uint8Array(side * side * 3);
  const columns = nearest(left, side, picture.width, 3);
  const rows = nearest(top, side, picture.height, 3 * picture.width);
  let at = 0;
  for (const row of rows) {
    for (let i = 0; i < side; i++) {
      const from = row + (columns[i] ?? 0);
      pixels[at++] = source[from] ?? 0;
      pixels[at++] = source[from + 1] ?? 0;
      pixels[at++] = source[from + 2] ?? 0;
    }
  }
  return { height: side, width: side, channels: 3, pixels };
}

/**
 * A face as the model's record wants it: square, grey or RGB, at the record's source size.
 *
 * The same steps and numbers as for pictures from files: colour first, then antialiased bicubic.
 */
export function cropFace(picture: Picture, box: Box, margin: number, record: Preprocessing): Picture {
  const [height, width] = record.sourceSize;
  return resizeImage(toColour(cutSquare(picture, squareAround(box, margin)), record.colour), height, width);
}

/** Offsets of so many positions from `start` on, positions beyond the end replaced by the last inside. */
function nearest(start: number, count: number, size: number, stride: number): Int32Array {
  const inside = (i: number) => Math.min(size - 1, Math.max(0, start + i));
  return Int32Array.from({ length: count }, (_, i) => inside(i) * stride);
}
