import { broadcastShapes, sizeOf, stridesOf } from '../../core/tensor.js';
import { flatIndex, forEachIndex, gatherStrided, ndarray, type NdArray } from './ndarray.js';

/** `[…, M, K] · […, K, N]` with broadcast leading axes. */
export function matMulArrays(a: NdArray, b: NdArray): NdArray {
  const [m, k, n] = [a.shape.at(-2) ?? 1, a.shape.at(-1) ?? 1, b.shape.at(-1) ?? 1];
  const batch = broadcastShapes('MatMul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  const [aStrides, bStrides] = [batchStrides(a, batch), batchStrides(b, batch)];
  const out = ndarray([...batch, m, n]);
  forEachIndex(batch, (index, flat) => {
    const [x, y] = [flatIndex(index, aStrides), flatIndex(index, bStrides)];
    multiply(a.data.subarray(x, x + m * k), b.data.subarray(y, y + k * n), out.data, flat * m * n, [m, k, n]);
  });
  return out;
}

/** The last two axes exchanged. */
export function swapLastAxes(x: NdArray): NdArray {
  const shape = [...x.shape.slice(0, -2), x.shape.at(-1) ?? 1, x.shape.at(-2) ?? 1];
  const own = stridesOf(x.shape);
  return gatherStrided(x, shape, [...own.slice(0, -2), own.at(-1) ?? 1, own.at(-2) ?? 1]);
}

function multiply(
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  offset: number,
  [m, k, n]: readonly [number, number, number],
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += (a[i * k + p] ?? 0) * (b[p * n + j] ?? 0);
      out[offset + i * n + j] = sum;
    }
  }
}

function batchStrides(x: NdArray, batch: readonly number[]): number[] {
  const own = x.shape.slice(0, -2);
  const matrix = sizeOf(x.shape.slice(-2));
  const strides = stridesOf(own);
  const lead = batch.length - own.length;
  return batch.map((_, axis) => ((own[axis - lead] ?? 1) === 1 ? 0 : (strides[axis - lead] ?? 0) * matrix));
}
