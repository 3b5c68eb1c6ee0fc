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
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
  const values = new Float32Array(size * size * 3);
  for (let row = 0, to = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      for (const channel of [0, green, blue]) {
        values[to++] = Math.round(bilinear(picture.pixels, rows, row, columns, column, channel)) / 127.5 - 1;
      }
    }
  }
  return values;
}

/** The two pixels about each value: offsets, −1 beyond the picture, and the second one's weight. */
interface Taps {
  readonly offsets: Int32Array;
  readonly shares: Float32Array;
}

function axisTaps(start: number, step: number, count: number, limit: number, stride: number): Taps {
  const offsets = new Int32Array(2 * count);
  const shares = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const place = start + i * step;
    const pixel = Math.floor(place);
    shares[i] = place - pixel;
    offsets[2 * i] = pixel >= 0 && pixel < limit ? pixel * stride : -1;
    offsets[2 * i + 1] = pixel + 1 >= 0 && pixel + 1 < limit ? (pixel + 1) * stride : -1;
  }
  return { offsets, shares };
}

function bilinear(
  pixels: Uint8Array,
  rows: Taps,
  row: number,
  columns: Taps,
  column: number,
  channel: number,
): number {
  let sum = 0;
  for (let v = 0; v < 2; v++) {
    const line = rows.offsets[2 * row + v] ?? -1;
    const down = v === 0 ? 1 - (rows.shares[row] ?? 0) : (rows.shares[row] ?? 0);
    for (let u = 0; u < 2; u++) {
      const offset = columns.offsets[2 * column + u] ?? -1;
      if (line < 0 || offset < 0) continue;
      const across = u === 0 ? 1 - (columns.shares[column] ?? 0) : (columns.shares[column] ?? 0);
      sum += down * across * (pixels[line + offset + channel] ?? 0);
    }
  }
  return sum;
}
