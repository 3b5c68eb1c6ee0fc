import type { Preprocessing } from '../core/preprocessing.js';
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
 * @param colour `grey`: luma by Rec. 601, rounded, one channel
 */
export function cutSquare(picture: Picture, square: Square, colour: Preprocessing['colour']): Picture {
  const { side } = square;
  const channels = colour === 'grey' ? 1 : 3;
  const pixels = new Uint8Array(side * side * channels);
  const columns = nearest(square.left, side, picture.width, 3);
  const rows = nearest(square.top, side, picture.height, 3 * picture.width);
  const read = channels === 1 ? greyRow : colourRow;
  for (let row = 0; row < side; row++) {
    read(picture.pixels, rows[row] ?? 0, columns, pixels, row * side * channels);
  }
  return { height: side, width: side, channels, pixels };
}

/**
 * A face as the model's record wants it: square, grey or RGB, at the record's source size.
 *
 * The same steps and numbers as for pictures from files: colour first, then antialiased bicubic.
 */
export function cropFace(picture: Picture, box: Box, margin: number, record: Preprocessing): Picture {
  const [height, width] = record.sourceSize;
  return resizeImage(cutSquare(picture, squareAround(box, margin), record.colour), height, width);
}

/** Offsets of so many positions from `start` on, positions beyond the end replaced by the last inside. */
function nearest(start: number, count: number, size: number, stride: number): Int32Array {
  const inside = (i: number) => Math.min(size - 1, Math.max(0, start + i));
  return Int32Array.from({ length: count }, (_, i) => inside(i) * stride);
}

/** One row of pixels from `source`, whose columns lie at `start` plus each offset, into `target` from `at` on. */
type ReadRow = (
  source: Uint8Array,
  start: number,
  columns: Int32Array,
  target: Uint8Array,
  at: number,
) => void;

const greyRow: ReadRow = (source, start, columns, target, at) => {
  for (let i = 0; i < columns.length; i++) {
    const from = start + (columns[i] ?? 0);
    const [red, green, blue] = [source[from] ?? 0, source[from + 1] ?? 0, source[from + 2] ?? 0];
    target[at + i] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
  }
};

const colourRow: ReadRow = (source, start, columns, target, at) => {
  for (let i = 0; i < columns.length; i++) {
    const from = start + (columns[i] ?? 0);
    for (let channel = 0; channel < 3; channel++) target[at + 3 * i + channel] = source[from + channel] ?? 0;
  }
};
