import { float32 } from '../../../core/tensor.js';
import { OPTIONS } from '../schema.js';
import type { Conversion } from './conversion.js';
import type { ReadOperator } from './parse-tflite.js';
import { first, optionsOf } from './windows.js';

/** RESIZE_BILINEAR with pixel centres at half integers, as TensorFlow 2 writes it: two constant matrices. */
export function resizeBilinear(conversion: Conversion, operator: ReadOperator): void {
  const options = optionsOf(conversion, operator);
  if (options.bool(OPTIONS.resize.alignCorners) || !options.bool(OPTIONS.resize.halfPixelCenters))
    throw conversion.refused('RESIZE_BILINEAR of another kind', 'pixel centres at half integers');
  const [height = 0, width = 0] = conversion.integers(operator.inputs[1]);
  if (![height, width].every((size) => size >= 1 && size <= 2 ** 16))
    throw conversion.refused(`RESIZE_BILINEAR to ${height}×${width}`, 'positive sizes');
  const { o } = conversion;
  const x = conversion.value(first(operator), 'nchw');
  const [, , h = 1, w = 1] = x.shape;
  const rows = o.builder.constant(float32(bilinearRows(h, height), [height, h]));
  const columns = o.transpose(o.builder.constant(float32(bilinearRows(w, width), [width, w])), [1, 0]);
  conversion.define(operator, o.own('Resample', [x, rows, columns]), 'nchw');
}

/** `[to, from]`: each row holds the weights of two neighbours, or of the last one beyond the edge. */
function bilinearRows(from: number, to: number): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const place = Math.min(from - 1, Math.max(0, ((row + 0.5) * from) / to - 0.5));
    const [low, high] = [Math.floor(place), Math.ceil(place)];
    matrix[row * from + low] = 1 - (place - low);
    if (high > low) matrix[row * from + high] = place - low;
  }
  return matrix;
}
