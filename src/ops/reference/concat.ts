import { sizeOf } from '../../core/tensor.js';
import { ndarray, type NdArray } from './ndarray.js';

/** Joins arrays along `axis`. */
export function concatArrays(parts: readonly NdArray[], axis: number): NdArray {
  const first = parts[0]?.shape ?? [];
  const total = parts.reduce((sum, part) => sum + (part.shape[axis] ?? 0), 0);
  const outer = sizeOf(first.slice(0, axis));
  const out = ndarray(first.map((size, i) => (i === axis ? total : size)));
  let offset = 0;
  for (let row = 0; row < outer; row++) {
    for (const part of parts) {
      const length = part.data.length / outer;
      out.data.set(part.data.subarray(row * length, (row + 1) * length), offset);
      offset += length;
    }
  }
  return out;
}
