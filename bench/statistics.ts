/** The middle value, the mean of the two middle ones for an even count; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const high = sorted[Math.floor(half)] ?? NaN;
  return Number.isInteger(half) ? (high + (sorted[half - 1] ?? high)) / 2 : high;
}

/** The arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The value below which a share of the values lies (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

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
