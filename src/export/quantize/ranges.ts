import type { Histogram } from './histogram.js';
import type { Affine8 } from './quantized-program.js';

/** How a range is found. */
export type RangeMethod = 'min-max' | 'percentile' | 'mse' | 'entropy';

/** All methods. */
export const RANGE_METHODS: readonly RangeMethod[] = ['min-max', 'percentile', 'mse', 'entropy'];

/** Lower and upper end; what lies beyond is cut off. */
export type Range = readonly [low: number, high: number];

/** A range and how large the mean squared error of the values seen is with it. */
export interface RangeChoice {
  readonly method: RangeMethod;
  readonly range: Range;
  readonly error: number;
}

/** Share of the values left outside by the percentile method, half of it on each side. */
const OUTSIDE = 1e-4;
/** Shares of the whole range that are tried. */
const SHARES = Array.from({ length: 24 }, (_, i) => 1 - i * 0.035);
const LEVELS = 256;

/**
 * Ranges by every method asked for, the one of least mean squared error first.
 *
 * Percentile: 0.005 % of the values are cut off on each side. MSE: the pair of ends with the least squared error of
 * rounding and cutting. Entropy: the share of the range whose 256 levels lose least information by the
 * Kullback-Leibler divergence (Migacz, "8-bit inference with TensorRT", 2017).
 */
export function chooseRanges(
  histogram: Histogram,
  methods: readonly RangeMethod[] = RANGE_METHODS,
): RangeChoice[] {
  const bins = binsOf(histogram);
  const choices = methods.map((method): RangeChoice => {
    const range = RULES[method](histogram, bins);
    return { method, range, error: squaredError(bins, affineOfRange(range)) };
  });
  return choices.sort((a, b) => a.error - b.error);
}

/** The int8 form that covers a range and holds zero exactly. */
export function affineOfRange([low, high]: Range): Affine8 {
  const [from, to] = [Math.min(0, low), Math.max(0, high)];
  const scale = Math.fround(Math.max(to - from, 1e-6) / (LEVELS - 1));
  const zeroPoint = Math.min(127, Math.max(-128, Math.round(-128 - from / scale)));
  return { scale, zeroPoint };
}

/** Values and how often each was seen. */
interface Bins {
  readonly values: Float64Array;
  readonly counts: Float64Array;
  readonly total: number;
}

type Rule = (histogram: Histogram, bins: Bins) => Range;

const RULES: Readonly<Record<RangeMethod, Rule>> = {
  'min-max': ({ min, max }) => [min, max],
  percentile: ({ min, max }, bins) => [
    Math.max(min, edge(bins, OUTSIDE / 2)),
    Math.min(max, edge(bins, 1 - OUTSIDE / 2)),
  ],
  mse: (histogram, bins) => {
    const { min, max } = histogram;
    // One end at a time, twice: as good as trying all pairs, in a fraction of the time.
    const best = (low: number, high: number, ends: readonly Range[]): Range =>
      least(ends.length === 0 ? [[low, high]] : ends, (range) => squaredError(bins, affineOfRange(range)));
    let range: Range = [min, max];
    for (let turn = 0; turn < 2; turn++) {
      const [low] = range;
      range = best(
        ...range,
        SHARES.map((share) => [low, max * share]),
      );
      const [, high] = range;
      if (min < 0)
        range = best(
          ...range,
          SHARES.map((share) => [min * share, high]),
        );
    }
    return range;
  },
  entropy: ({ min, max }, bins) =>
    least(
      SHARES.map((share): Range => [min * share, max * share]),
      (range) => divergence(bins, range),
    ),
};

function least(ranges: readonly Range[], cost: (range: Range) => number): Range {
  let [best, lowest]: [Range, number] = [ranges[0] ?? [0, 0], Infinity];
  for (const range of ranges) {
    const found = cost(range);
    if (found < lowest) [best, lowest] = [range, found];
  }
  return best;
}

/** Non-empty bins, at most some thousand. */
function binsOf(histogram: Histogram): Bins {
  const [first, last] = histogram.span;
  const values: number[] = [];
  const counts: number[] = [];
  for (let bin = first; bin <= last; bin++) {
    const count = histogram.counts[bin] ?? 0;
    if (count === 0) continue;
    values.push(Math.min(histogram.max, Math.max(histogram.min, histogram.centre(bin))));
    counts.push(count);
  }
  return {
    values: Float64Array.from(values),
    counts: Float64Array.from(counts),
    total: counts.reduce((sum, count) => sum + count, 0),
  };
}

/** The value below which a share of all lies. */
function edge({ values, counts, total }: Bins, share: number): number {
  let seen = 0;
  for (let i = 0; i < values.length; i++) {
    seen += counts[i] ?? 0;
    if (seen >= share * total) return values[i] ?? 0;
  }
  return values.at(-1) ?? 0;
}

/** Mean squared error of values stored in a form. */
function squaredError({ values, counts, total }: Bins, { scale, zeroPoint }: Affine8): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    const stored = Math.min(127, Math.max(-128, Math.round(value / scale) + zeroPoint));
    const error = value - scale * (stored - zeroPoint);
    sum += (counts[i] ?? 0) * error * error;
  }
  return sum / Math.max(1, total);
}

/** Kullback-Leibler divergence from the values, those outside moved to the ends, to their 256 levels. */
function divergence({ values, counts, total }: Bins, [low, high]: Range): number {
  const step = (Math.max(0, high) - Math.min(0, low)) / LEVELS;
  const levelOf = (value: number) =>
    Math.min(LEVELS - 1, Math.max(0, Math.floor((value - Math.min(0, low)) / step)));
  const [sums, sizes] = [new Float64Array(LEVELS), new Float64Array(LEVELS)];
  const moved = Float64Array.from(counts);
  let [first, last] = [-1, -1];
  values.forEach((value, i) => {
    if (value < low || value > high) return;
    if (first === -1) first = i;
    last = i;
    const level = levelOf(value);
    sums[level] = (sums[level] ?? 0) + (counts[i] ?? 0);
    sizes[level] = (sizes[level] ?? 0) + 1;
  });
  if (first === -1) return Infinity;
  values.forEach((value, i) => {
    const end = value < low ? first : value > high ? last : -1;
    if (end !== -1) moved[end] = (moved[end] ?? 0) + (counts[i] ?? 0);
  });
  let sum = 0;
  for (let i = first; i <= last; i++) {
    const p = (moved[i] ?? 0) / total;
    const level = levelOf(values[i] ?? 0);
    const q = (sums[level] ?? 0) / (sizes[level] ?? 1) / total;
    if (p > 0) sum += p * Math.log(p / Math.max(q, 1e-12));
  }
  return sum;
}
