import { sameShape } from '../../core/tensor.js';
import type { NdArray } from '../reference/ndarray.js';

/**
 * Throws unless every element is within `tolerance` of the expected one, relative to the largest expected
 * magnitude (or 1e-3 where all are smaller): sums cancel, so single elements have no relative accuracy.
 */
export function requireClose(
  what: string,
  actual: NdArray | undefined,
  expected: NdArray | undefined,
  tolerance: number,
): void {
  if (actual === undefined || expected === undefined) throw new Error(`${what}: one side is missing`);
  if (!sameShape(actual.shape, expected.shape)) {
    throw new Error(`${what}: shape [${actual.shape.join()}] instead of [${expected.shape.join()}]`);
  }
  const scale = expected.data.reduce(
    (max, x) => (Number.isFinite(x) ? Math.max(max, Math.abs(x)) : max),
    1e-3,
  );
  expected.data.forEach((wanted, i) => {
    const got = actual.data[i] ?? NaN;
    if (Object.is(got, wanted) || Math.abs(got - wanted) <= tolerance * scale) return;
    throw new Error(`${what}: element ${i} is ${got} instead of ${wanted} (scale ${scale})`);
  });
}
