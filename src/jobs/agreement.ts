import { bestOf } from '../core/rows.js';

/** How far answers are from those of the float layer graph. */
export interface Agreement {
  readonly images: number;
  /** Pictures whose most probable class is the same. */
  readonly sameClass: number;
  /** Largest difference of an answer. */
  readonly maxDifference: number;
  /** The same as a share of the largest answer, or of 1 where all are smaller. */
  readonly relativeDifference: number;
}

/**
 * Compares answers [n, K] with the expected ones; a number that is none counts as an infinite difference.
 */
export function agreementOf(found: Float32Array, expected: Float32Array, classes: number): Agreement {
  const images = expected.length / classes;
  if (found.length !== expected.length)
    return { images, sameClass: 0, maxDifference: Infinity, relativeDifference: Infinity };
  let [worst, largest, same] = [0, 1, 0];
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [found[i] ?? NaN, expected[i] ?? NaN];
    const difference = Math.abs(a - b);
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
    largest = Math.max(largest, Math.abs(b));
  }
  for (let row = 0; row < images; row++) {
    if (bestOf(found, row, classes) === bestOf(expected, row, classes)) same++;
  }
  return { images, sameClass: same, maxDifference: worst, relativeDifference: worst / largest };
}
