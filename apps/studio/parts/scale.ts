/** A linear scale from values to pixels, with round marks. */
export interface Scale {
  readonly of: (value: number) => number;
  readonly marks: readonly number[];
}

/** @param range first and last pixel */
export function linearScale(
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
  marks = 5,
): Scale {
  const step = roundStep((high - low) / marks);
  const first = Math.floor(low / step) * step;
  const last = Math.max(first + step, Math.ceil(high / step) * step);
  const count = Math.round((last - first) / step);
  return {
    of: (value) => from + ((value - first) / (last - first)) * (to - from),
    marks: Array.from({ length: count + 1 }, (_, i) => first + i * step),
  };
}

/** The next of 1, 2, 5 times a power of ten. */
function roundStep(step: number): number {
  if (!(step > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= step) ?? 10;
  return factor * power;
}

/** Smallest and largest of some numbers; [0, 1] without any. */
export function extent(values: readonly number[]): readonly [number, number] {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return [0, 1];
  return [Math.min(...known), Math.max(...known)];
}

/** A number with as few digits as tell marks apart. */
export function short(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential(0);
  return String(Number(value.toPrecision(3)));
}
