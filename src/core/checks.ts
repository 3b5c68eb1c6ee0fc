import { InputError } from './errors.js';

/** Throws unless `value` is an integer in `[min, max]`; returns it. */
export function checkInteger(
  where: string,
  value: number,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new InputError({ where, received: String(value), expected: `an integer${range(min, max)}` });
}

/** Throws unless `value` is a finite number in `[min, max]`; returns it. */
export function checkNumber(where: string, value: number, min = -Infinity, max = Infinity): number {
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  throw new InputError({ where, received: String(value), expected: `a number${range(min, max)}` });
}

/** Throws unless `value` is one of `choices`; returns it with its narrow type. */
export function checkOneOf<T extends string>(where: string, value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new InputError({ where, received: `"${value}"`, expected: `one of ${choices.join(', ')}` });
}

/** `items[index]`, or an error naming the place; for indices that the caller has proved. */
export function at<T>(items: ArrayLike<T>, index: number, where = 'index'): T {
  const value = items[index];
  if (value !== undefined) return value;
  throw new RangeError(`${where}: ${index} is outside 0..${items.length - 1}`);
}

function range(min: number, max: number): string {
  const open = max === Infinity || max === Number.MAX_SAFE_INTEGER;
  if (min === -Infinity) return open ? '' : ` of at most ${max}`;
  return open ? ` of at least ${min}` : ` between ${min} and ${max}`;
}
