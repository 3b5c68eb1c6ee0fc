import { stridesOf } from '../../core/tensor.js';
import { flatIndex, forEachIndex, ndarray, type NdArray } from './ndarray.js';

/** How a border is filled. */
export type PadMode = 'constant' | 'reflect' | 'edge';

/** Adds `begins` and `ends` elements along the axes. */
export function padArray(
  x: NdArray,
  begins: readonly number[],
  ends: readonly number[],
  mode: PadMode,
  fill: number,
): NdArray {
  const out = ndarray(x.shape.map((size, axis) => size + (begins[axis] ?? 0) + (ends[axis] ?? 0)));
  const strides = stridesOf(x.shape);
  forEachIndex(out.shape, (index, flat) => {
    const source = index.map((i, axis) => sourceOf(i - (begins[axis] ?? 0), x.shape[axis] ?? 1, mode));
    out.data[flat] = source.includes(-1) ? fill : (x.data[flatIndex(source, strides)] ?? 0);
  });
  return out;
}

/** The index that an index outside `0..size-1` takes its value from; −1: none. */
function sourceOf(i: number, size: number, mode: PadMode): number {
  if (i >= 0 && i < size) return i;
  if (mode === 'constant') return -1;
  if (mode === 'edge') return i < 0 ? 0 : size - 1;
  return i < 0 ? -i : 2 * (size - 1) - i;
}
