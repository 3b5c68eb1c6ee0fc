import { mean, median, quantile } from '../src/core/statistics.js';

export { mean, median, quantile };

/** Median, smallest value, and the middle half's bounds. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly quartiles: readonly [number, number];
}

/** Sums up measured times. */
export function summary(values: readonly number[]): Summary {
  return {
    median: median(values),
    min: Math.min(...values),
    quartiles: [quantile(values, 0.25), quantile(values, 0.75)],
  };
}
