import type { Value } from '../onnx/graph.js';
import type { Emitter } from '../ops/emitter.js';
import type { Pair, Sides } from './config-reader.js';

/** Keras's padding rule: `valid` pads nothing, `same` makes ceil(size / stride) outputs. */
export type Padding = 'valid' | 'same';

/** A window that slides over pictures. */
export interface Window {
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  readonly dilationRate: Pair;
}

/** One number for both axes, or [height, width]. */
export type PairLike = number | Pair;

/** Both axes of a {@link PairLike}. */
export function pairOf(value: PairLike): Pair {
  return typeof value === 'number' ? [value, value] : value;
}

/** Output [height, width] of a window over [height, width] pixels (zero or less where it does not fit). */
export function windowOutput(window: Window, size: Pair): Pair {
  const along = (axis: 0 | 1) => {
    if (window.padding === 'same') return Math.ceil(size[axis] / window.strides[axis]);
    return Math.floor((size[axis] - extent(window, axis)) / window.strides[axis]) + 1;
  };
  return [along(0), along(1)];
}

/** Padding as ONNX writes it: [top, left, bottom, right]. The odd pixel of `same` goes to the end, as in TensorFlow. */
export function windowPads(window: Window, size: Pair): [number, number, number, number] {
  if (window.padding === 'valid') return [0, 0, 0, 0];
  const output = windowOutput(window, size);
  const total = (axis: 0 | 1) =>
    Math.max((output[axis] - 1) * window.strides[axis] + extent(window, axis) - size[axis], 0);
  const [rows, columns] = [total(0), total(1)];
  return [rows >> 1, columns >> 1, rows - (rows >> 1), columns - (columns >> 1)];
}

/** [height, width] of a picture value [N, C, H, W]. */
export function pixelsOf(x: Value): Pair {
  return [x.shape[2] ?? 1, x.shape[3] ?? 1];
}

/** Zero padding of [N, C, H, W] by [before, after] along height and width. */
export function padPicture(o: Emitter, x: Value, [rows, columns]: Sides): Value {
  if ([...rows, ...columns].every((amount) => amount === 0)) return x;
  return o.pad(x, [0, 0, rows[0], columns[0], 0, 0, rows[1], columns[1]]);
}

/** Any value in Keras's axis order: pictures [N, C, H, W] become [N, H, W, C]. */
export function toChannelsLast(o: Emitter, x: Value): Value {
  const [n = 1, c = 1, h = 1, w = 1] = x.shape;
  if (x.shape.length !== 4) return x;
  // A single pixel has its channels in the same order either way.
  return h * w === 1 ? o.reshape(x, [n, 1, 1, c]) : o.transpose(x, [0, 2, 3, 1]);
}

/** The inverse of {@link toChannelsLast}. */
export function fromChannelsLast(o: Emitter, x: Value): Value {
  const [n = 1, h = 1, w = 1, c = 1] = x.shape;
  if (x.shape.length !== 4) return x;
  return h * w === 1 ? o.reshape(x, [n, c, 1, 1]) : o.transpose(x, [0, 3, 1, 2]);
}

function extent({ kernelSize, dilationRate }: Window, axis: 0 | 1): number {
  return (kernelSize[axis] - 1) * dilationRate[axis] + 1;
}
