import type { Picture } from '../data/images.js';
import { wholeWindow } from './window.js';

/**
 * A whole picture as MediaPipe gives it to its networks, to the rounding: in the middle of a black square, by plain
 * bilinear interpolation between four pixels, value `i` of a row taken at `i / size` of the square's side.
 *
 * OpenCV's `warpPerspective` between the corners does so; the middles of pixels do not come to the middles of values,
 * which moves faces by up to half a value. The networks' boxes are MediaPipe's only if that is done alike.
 *
 * @returns `[row, column, RGB]`, −1 (black) to 1, grey pictures copied to three channels
 */
export function letterbox(picture: Picture, size: number): Float32Array {
  const { width, height, channels } = picture;
  const { x, y, side } = wholeWindow(picture);
  const columns = axisTaps(x, side / size, size, width, channels);
  const rows = axisTaps(y, side / size, size, height, channels * width);
  const values = new Float32Array(size * size * 3);
  for (let row = 0; row < size; row++) {
    interpolateRow(picture, rows, row, columns, values.subarray(row * size * 3, (row + 1) * size * 3));
  }
  return values;
}

/** The two pixels about each value: offsets and weights, which are 0 beyond the picture. */
interface Taps {
  readonly offsets: Int32Array;
  readonly weights: Float64Array;
}

function axisTaps(start: number, step: number, count: number, limit: number, stride: number): Taps {
  const offsets = new Int32Array(2 * count);
  const weights = new Float64Array(2 * count);
  for (let i = 0; i < 2 * count; i++) {
    const place = start + (i >> 1) * step;
    const first = Math.floor(place);
    const share = Math.fround(place - first);
    const pixel = first + (i & 1);
    if (pixel < 0 || pixel >= limit) continue;
    offsets[i] = pixel * stride;
    weights[i] = (i & 1) === 0 ? 1 - share : share;
  }
  return { offsets, weights };
}

function interpolateRow(
  { pixels, channels }: Picture,
  rows: Taps,
  row: number,
  columns: Taps,
  values: Float32Array,
): void {
  const [upper = 0, lower = 0] = rows.offsets.subarray(2 * row);
  const [up = 0, down = 0] = rows.weights.subarray(2 * row);
  const last = channels === 1 ? 0 : 2;
  for (let to = 0, i = 0; to < values.length; to += 3, i += 2) {
    const [left, right] = [columns.offsets[i] ?? 0, columns.offsets[i + 1] ?? 0];
    const [near, far] = [columns.weights[i] ?? 0, columns.weights[i + 1] ?? 0];
    for (let channel = 0; channel <= last; channel++) {
      const sum =
        up * near * (pixels[upper + left + channel] ?? 0) +
        up * far * (pixels[upper + right + channel] ?? 0) +
        down * near * (pixels[lower + left + channel] ?? 0) +
        down * far * (pixels[lower + right + channel] ?? 0);
      values[to + channel] = Math.round(sum) / 127.5 - 1;
    }
    if (last === 0) values.fill(values[to] ?? 0, to + 1, to + 3);
  }
}
