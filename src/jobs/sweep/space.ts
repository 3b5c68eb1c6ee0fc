import { InputError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';

/** A value of a recipe's setting, as YAML has it; null removes the setting. */
export type Setting =
  string | number | boolean | null | readonly unknown[] | { readonly [name: string]: unknown };

/** Where the values of one parameter come from. */
export type Domain =
  | { readonly kind: 'choice'; readonly values: readonly Setting[] }
  | {
      readonly kind: 'range';
      readonly from: number;
      readonly to: number;
      readonly scale: 'linear' | 'log';
      readonly whole: boolean;
      /** Values of a grid, evenly spaced on the scale. */
      readonly steps?: number;
    };

/** Domains by the path of the setting, as `--set` takes it. */
export type Space = Readonly<Record<string, Domain>>;

/** One value for each parameter. */
export type Values = Readonly<Record<string, Setting>>;

const FIELDS = ['from', 'to', 'scale', 'whole', 'steps'];

/**
 * Reads a domain: a list of values, or `{from, to, scale: linear or log, whole, steps}`.
 * @throws InputError naming the parameter
 */
export function parseDomain(path: string, given: unknown): Domain {
  const where = `parameters.${path}`;
  if (Array.isArray(given) && given.length > 0) return { kind: 'choice', values: given as Setting[] };
  const expected = 'a list of values or a range like {from: 1e-4, to: 1e-2, scale: log}';
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new InputError({
      where,
      received: given === undefined ? 'nothing' : JSON.stringify(given),
      expected,
    });
  }
  const range = given as Readonly<Record<string, unknown>>;
  const { from, to, scale = 'linear', whole = false, steps } = range;
  const problem = problemOf(range);
  if (problem !== undefined) throw new InputError({ where, received: problem, expected });
  const base = { kind: 'range', from: Number(from), to: Number(to), whole: whole === true } as const;
  return {
    ...base,
    scale: scale === 'log' ? 'log' : 'linear',
    ...(steps === undefined ? {} : { steps: Number(steps) }),
  };
}

function problemOf(range: Readonly<Record<string, unknown>>): string | undefined {
  const { from, to, scale = 'linear', whole = false, steps = 2 } = range;
  const stranger = Object.keys(range).find((name) => !FIELDS.includes(name));
  if (stranger !== undefined) return `the unknown field "${stranger}"`;
  if (typeof from !== 'number' || typeof to !== 'number')
    return 'a range without the numbers "from" and "to"';
  if (!(from < to)) return `a range from ${from} to ${to}`;
  if (scale !== 'linear' && scale !== 'log') return `the scale "${JSON.stringify(scale)}"`;
  if (scale === 'log' && from <= 0) return `a logarithmic range from ${from}`;
  if (typeof whole !== 'boolean') return `whole: ${JSON.stringify(whole)}`;
  if (!Number.isInteger(steps) || Number(steps) < 2) return `steps: ${JSON.stringify(steps)}`;
  return undefined;
}

/**
 * Every combination of values; the last parameter changes fastest.
 * @throws InputError for a range without `steps`
 */
export function gridOf(space: Space): Values[] {
  return Object.entries(space).reduce<Values[]>(
    (rows, [path, domain]) =>
      rows.flatMap((row) => gridValues(path, domain).map((value) => ({ ...row, [path]: value }))),
    [{}],
  );
}

function gridValues(path: string, domain: Domain): readonly Setting[] {
  if (domain.kind === 'choice') return domain.values;
  const { steps } = domain;
  if (steps === undefined) {
    const expected = 'a list of values, or a range with steps, in a grid';
    throw new InputError({ where: `parameters.${path}`, received: 'a range without steps', expected });
  }
  return [...new Set(Array.from({ length: steps }, (_, i) => valueAt(domain, i / (steps - 1))))];
}

/**
 * Draw number `index` for each parameter. Draws are spread evenly, so that few of them leave no gaps, and depend on
 * their number alone: Halton's sequence with shuffled digits and a random start, a prime for each parameter (as a
 * search: Bousquet et al., "Critical Hyper-Parameters: No Random, No Cry", 2017).
 */
export function drawValues(space: Space, random: Random, index: number): Values {
  const draws = Object.entries(space).map(([path, domain], dimension) => {
    const own = random.fork(path);
    const share = (own.uniform() + halton(index + 1, primeAt(dimension), own)) % 1;
    if (domain.kind === 'range') return [path, valueAt(domain, share)] as const;
    return [path, domain.values[Math.floor(share * domain.values.length)] ?? null] as const;
  });
  return Object.fromEntries(draws);
}

/** The digits of a number, shuffled and mirrored at the point. */
function halton(index: number, base: number, random: Random): number {
  const digits = random.shuffle(Array.from({ length: base }, (_, digit) => digit));
  let [sum, rest] = [0, index];
  for (let place = 1 / base; place > 1e-9; place /= base) {
    sum += (digits[rest % base] ?? 0) * place;
    rest = Math.floor(rest / base);
  }
  return sum;
}

function primeAt(position: number): number {
  const primes: number[] = [];
  for (let n = 2; primes.length <= position; n++) if (primes.every((prime) => n % prime > 0)) primes.push(n);
  return primes[position] ?? 2;
}

/** The value at a share of a range; four digits are enough for a person to read. */
function valueAt({ from, to, scale, whole }: Extract<Domain, { kind: 'range' }>, share: number): number {
  const value = scale === 'log' ? from * (to / from) ** share : from + (to - from) * share;
  return whole ? Math.round(value) : Math.min(to, Math.max(from, Number(value.toPrecision(4))));
}
