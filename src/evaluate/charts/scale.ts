/** Maps values to user units along one axis. */
export interface Scale {
  readonly ticks: readonly number[];
  readonly at: (value: number) => number;
}

/** A linear axis from `lo` to `hi`, drawn from `start` to `end`. */
export function linearScale(
  domain: readonly [number, number],
  start: number,
  end: number,
  tickCount = 5,
): Scale {
  const [lo, hi] = domain;
  const span = hi - lo === 0 ? 1 : hi - lo;
  return {
    ticks: niceTicks(lo, hi, tickCount),
    at: (value) => start + ((value - lo) / span) * (end - start),
  };
}

/** A logarithmic axis over positive values, with ticks at powers of ten. */
export function logScale(domain: readonly [number, number], start: number, end: number): Scale {
  const lo = Math.floor(Math.log10(domain[0]) + 1e-9);
  const hi = Math.max(lo + 1, Math.ceil(Math.log10(domain[1]) - 1e-9));
  const every = Math.ceil((hi - lo) / 4);
  const powers = Array.from({ length: Math.floor((hi - lo) / every) + 1 }, (_, i) => 10 ** (lo + i * every));
  return {
    ticks: powers,
    at: (value) => start + ((Math.log10(value) - lo) / (hi - lo)) * (end - start),
  };
}

/**
 * A logarithmic axis that ends just outside the values, with ticks at 1, 2 and 5 times powers of ten: for
 * values that span less than a few powers of ten.
 */
export function fineLogScale(values: readonly number[], start: number, end: number): Scale {
  const positive = values.filter((value) => Number.isFinite(value) && value > 0);
  const [low, high] = positive.length === 0 ? [1, 10] : [Math.min(...positive), Math.max(...positive)];
  const room = Math.max(1.25, (high / low) ** 0.12, Math.sqrt((4 * low) / high));
  const [from, to] = [Math.log10(low / room), Math.log10(high * room)];
  const powers = Array.from({ length: Math.ceil(to) - Math.floor(from) + 1 }, (_, i) => Math.floor(from) + i);
  const round = powers.flatMap((power) => [1, 2, 5].map((factor) => Number(`${factor}e${power}`)));
  return {
    ticks: round.filter((tick) => Math.log10(tick) >= from && Math.log10(tick) <= to),
    at: (value) => start + ((Math.log10(value) - from) / (to - from)) * (end - start),
  };
}

/** About `count` round numbers (1, 2 or 5 times a power of ten apart) inside [lo, hi]. */
export function niceTicks(lo: number, hi: number, count = 5): number[] {
  const rough = (hi - lo) / count;
  if (!(rough > 0)) return [lo];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const first = Math.ceil(lo / step - 1e-9);
  const last = Math.floor(hi / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/**
 * The range of the finite numbers, widened outwards to a round step and to `minSpan` at least, so that
 * noise does not fill the panel; [0, 1] when there is no number.
 */
export function niceDomain(values: readonly number[], minSpan = 0): [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const middle = (Math.min(...finite) + Math.max(...finite)) / 2;
  const span = Math.max(Math.max(...finite) - Math.min(...finite), minSpan);
  if (span === 0) return [middle - 0.5, middle + 0.5];
  const [lo, hi] = [middle - span / 2, middle + span / 2];
  const [first = lo, second = hi] = niceTicks(lo, hi);
  const step = second - first;
  return [Math.floor(lo / step + 1e-9) * step, Math.ceil(hi / step - 1e-9) * step];
}

/** Labels of ticks with one number of decimals for all, the fewest that tell them apart. */
export function tickLabels(ticks: readonly number[]): (tick: number) => string {
  const decimals = ticks.map((tick) => String(tick).split('.')[1]?.length ?? 0);
  return (tick) => tick.toFixed(Math.max(0, ...decimals));
}
