import { broadcastShapes, sizeOf, stridesOf, type Shape, type Tensor } from '../../core/tensor.js';

/** A dense row-major array in float64, in which the reference kernels compute everything, indices too. */
export interface NdArray {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** An array of zeros, or of the values that `fill` gives for each flat index. */
export function ndarray(shape: Shape, fill?: (index: number) => number): NdArray {
  const data = new Float64Array(sizeOf(shape));
  if (fill !== undefined) for (let i = 0; i < data.length; i++) data[i] = fill(i);
  return { shape, data };
}

/** Converts a tensor of any numeric type (float16 excepted). */
export function fromTensor(tensor: Tensor): NdArray {
  return { shape: tensor.shape, data: Float64Array.from(tensor.data as ArrayLike<number | bigint>, Number) };
}

/** Element-wise `f(x)`. */
export function mapArray(x: NdArray, f: (value: number) => number): NdArray {
  return { shape: x.shape, data: x.data.map(f) };
}

/** Element-wise `f(a, b)` with NumPy broadcasting. */
export function zipArrays(a: NdArray, b: NdArray, f: (x: number, y: number) => number): NdArray {
  const shape = broadcastShapes('reference kernel', a.shape, b.shape);
  const [x, y] = [broadcastTo(a, shape), broadcastTo(b, shape)];
  return ndarray(shape, (i) => f(x.data[i] ?? 0, y.data[i] ?? 0));
}

/** Repeats an array along its axes of size 1 up to `shape`. */
export function broadcastTo(x: NdArray, shape: Shape): NdArray {
  const lead = shape.length - x.shape.length;
  const own = stridesOf(x.shape);
  const strides = shape.map((_, axis) => ((x.shape[axis - lead] ?? 1) === 1 ? 0 : (own[axis - lead] ?? 0)));
  return gatherStrided(x, shape, strides);
}

/** Reads `x` at `offset + Σ index·stride` for each index of `shape`. */
export function gatherStrided(x: NdArray, shape: Shape, strides: readonly number[], offset = 0): NdArray {
  const out = ndarray(shape);
  forEachIndex(shape, (index, flat) => {
    out.data[flat] = x.data[flatIndex(index, strides, offset)] ?? 0;
  });
  return out;
}

/** Calls `visit` with every multi-index of `shape` in row-major order; the index array is reused. */
export function forEachIndex(shape: Shape, visit: (index: readonly number[], flat: number) => void): void {
  const index = new Array<number>(shape.length).fill(0);
  const total = sizeOf(shape);
  for (let flat = 0; flat < total; flat++) {
    visit(index, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1;
      if ((index[axis] ?? 0) < (shape[axis] ?? 0)) break;
      index[axis] = 0;
    }
  }
}

/** Sums an array over axes (kept with size 1). */
export function sumOver(x: NdArray, axes: readonly number[]): NdArray {
  return foldOver(x, axes, 0, (sum, value) => sum + value);
}

/** Folds an array over axes (kept with size 1), in row-major order. */
export function foldOver(
  x: NdArray,
  axes: readonly number[],
  initial: number,
  f: (folded: number, value: number) => number,
): NdArray {
  const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const strides = stridesOf(shape).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const out = ndarray(shape, () => initial);
  forEachIndex(x.shape, (index, flat) => {
    const target = flatIndex(index, strides);
    out.data[target] = f(out.data[target] ?? 0, x.data[flat] ?? 0);
  });
  return out;
}

/** `offset + Σ index·stride`. */
export function flatIndex(index: readonly number[], strides: readonly number[], offset = 0): number {
  return index.reduce((sum, i, axis) => sum + i * (strides[axis] ?? 0), offset);
}

/** The same elements under another shape. */
export function reshaped(x: NdArray, shape: Shape): NdArray {
  return { shape, data: x.data };
}
