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
  for (let row = 0; row < size; row++) {
    const lines = rows.subarray(row * SAMPLES, (row + 1) * SAMPLES);
    sampleRow(picture, lines, columns, values.subarray(row * size * 3, (row + 1) * size * 3));
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

/** One row of the input: means of pixels, scaled to −1..1; pixels beyond count as black. */
function sampleRow(
  { pixels, channels }: Picture,
  lines: Int32Array,
  columns: Int32Array,
  values: Float32Array,
): void {
  const samples = lines.length;
  const scale = 1 / (127.5 * samples * samples);
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
  for (let to = 0, first = 0; first < columns.length; to += 3, first += samples) {
    let [r, g, b] = [0, 0, 0];
    for (let v = 0; v < samples; v++) {
      const line = lines[v] ?? -1;
      for (let u = first; line >= 0 && u < first + samples; u++) {
        const column = columns[u] ?? -1;
        if (column < 0) continue;
        const from = line + column;
        r += pixels[from] ?? 0;
        g += pixels[from + green] ?? 0;
        b += pixels[from + blue] ?? 0;
      }
    }
    values[to] = r * scale + BLACK;
    values[to + 1] = g * scale + BLACK;
    values[to + 2] = b * scale + BLACK;
  }
}
