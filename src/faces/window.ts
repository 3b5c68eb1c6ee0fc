import type { Picture } from '../data/images.js';
import { middleOf, type Box, type Window } from './face.js';

/** Samples along each axis that a value of the network's input is the mean of. */
const SAMPLES = 2;
/** Black as the networks take it, and what lies beyond the picture, as MediaPipe has it. */
const BLACK = -1;

/** The smallest square around a whole picture, about its middle ("letterbox"). */
export function wholeWindow({ width, height }: Pick<Picture, 'width' | 'height'>): Window {
  const side = Math.max(width, height);
  return { x: (width - side) / 2, y: (height - side) / 2, side };
}

/** The square about the middle of a box in which its longer side takes up a share. */
export function windowAround(box: Box, share: number): Window {
  const side = Math.max(box.width, box.height) / share;
  const [x, y] = middleOf(box);
  return { x: x - side / 2, y: y - side / 2, side };
}

/**
 * A window as a network's input: `[row, column, RGB]`, −1 (black) to 1, grey pictures copied to three channels.
 *
 * Each value is the mean of 2 × 2 pixels at even distances, which is enough for a network that was
 * trained on plainly subsampled pictures, and takes the same time for a large photograph as for a small one.
 */
export function sampleWindow(picture: Picture, window: Window, size: number): Float32Array {
  const { width, height, channels } = picture;
  const count = size * SAMPLES;
  const columns = axisOffsets(window.x, window.side, count, width, channels);
  const rows = axisOffsets(window.y, window.side, count, height, channels * width);
  const values = new Float32Array(size * size * 3);
  const sums = new Int32Array(size * 3);
  const scale = 1 / (127.5 * SAMPLES * SAMPLES);
  for (let row = 0, to = 0; row < size; row++) {
    sums.fill(0);
    for (const line of rows.subarray(row * SAMPLES, (row + 1) * SAMPLES)) {
      if (line >= 0) addLine(picture, line, columns, sums);
    }
    for (const sum of sums) values[to++] = sum * scale + BLACK;
  }
  return values;
}

/** Offsets of pixels at even distances along an axis, −1 beyond the picture. */
function axisOffsets(start: number, side: number, count: number, limit: number, stride: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => {
    const pixel = Math.floor(start + ((i + 0.5) * side) / count);
    return pixel >= 0 && pixel < limit ? pixel * stride : -1;
  });
}

/** Adds the pixels of one line to the sums `[column, RGB]`; pixels beyond the picture count as black. */
function addLine({ pixels, channels }: Picture, line: number, columns: Int32Array, sums: Int32Array): void {
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] ?? -1;
    if (column < 0) continue;
    const from = line + column;
    const to = Math.floor(i / SAMPLES) * 3;
    sums[to] = (sums[to] ?? 0) + (pixels[from] ?? 0);
    sums[to + 1] = (sums[to + 1] ?? 0) + (pixels[from + green] ?? 0);
    sums[to + 2] = (sums[to + 2] ?? 0) + (pixels[from + blue] ?? 0);
  }
}
