import { InputError } from '../core/errors.js';

/** How a p-value was computed. */
export type McNemarMethod = 'exact' | 'mid-p';

/** Outcome of McNemar's test. */
export interface McNemar {
  /** Two-sided: how likely counts at least this far apart are if both models err equally often. */
  readonly p: number;
  readonly method: McNemarMethod;
}

/** With fewer discordant pairs than this the exact test is used. */
export const EXACT_BELOW = 25;

/**
 * McNemar's test of two models on the same images: only the images that exactly one of them got right say
 * which is better, and if neither is, each of these is a fair coin.
 *
 * McNemar, Psychometrika 12 (1947). Few such images: the exact binomial test. From {@link EXACT_BELOW} on: its
 * mid-p variant, which keeps the promised error rate without the exact test's caution (Fagerland, Lydersen &
 * Laake, BMC Medical Research Methodology 13:91, 2013). Both sum the binomial distribution; no approximation.
 *
 * @param onlyFirst images that the first model alone got right
 * @param onlySecond images that the second model alone got right
 * @throws InputError when a count is no whole number of at least 0
 * @example mcnemarTest(59, 93) // { p: 0.0058, method: 'mid-p' }
 */
export function mcnemarTest(onlyFirst: number, onlySecond: number): McNemar {
  for (const count of [onlyFirst, onlySecond]) checkCount(count);
  const n = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  const exact = Math.min(1, 2 * lowerTail(fewer, n));
  if (n < EXACT_BELOW) return { p: exact, method: 'exact' };
  const observed = Math.exp(logProbability(fewer, n));
  const p = exact - (onlyFirst === onlySecond ? observed / 2 : observed);
  return { p: Math.max(0, p), method: 'mid-p' };
}

/**
 * P-values raised so that among all of them together one false alarm is no likelier than in a single test.
 * Holm, Scandinavian Journal of Statistics 6 (1979).
 *
 * @example holm([0.01, 0.04, 0.03]) // [0.03, 0.06, 0.06]
 */
export function holm(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => (values[a] ?? 1) - (values[b] ?? 1));
  const adjusted = [...values];
  let highest = 0;
  order.forEach((index, rank) => {
    const raised = (values[index] ?? 1) * (values.length - rank);
    highest = Math.max(highest, Math.min(1, raised));
    adjusted[index] = highest;
  });
  return adjusted;
}

/** P(X ≤ k) for n throws of a fair coin. */
function lowerTail(k: number, n: number): number {
  let term = logProbability(0, n);
  let sum = Math.exp(term);
  for (let heads = 1; heads <= k; heads++) {
    term += Math.log((n - heads + 1) / heads);
    sum += Math.exp(term);
  }
  return sum;
}

/** log P(X = k) for n throws of a fair coin; the logarithm, since 2⁻ⁿ underflows above a thousand throws. */
function logProbability(k: number, n: number): number {
  let log = -n * Math.LN2;
  for (let heads = 1; heads <= k; heads++) log += Math.log((n - heads + 1) / heads);
  return log;
}

function checkCount(count: number): void {
  if (Number.isSafeInteger(count) && count >= 0) return;
  throw new InputError({ where: 'McNemar', received: String(count), expected: 'a count of images' });
}
