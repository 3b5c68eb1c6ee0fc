import { checkInteger, checkNumber } from '../core/checks.js';
import { InputError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { countLabels } from './images.js';

/** How {@link oversample} repeats. */
export interface OversampleOptions {
  /** Size that each smaller class is brought to, as a part of the largest class, in 0..1; default 0.6. */
  readonly ratio?: number;
  readonly seed: number;
}

/**
 * Positions into `labels` in which minority classes are repeated until each has `ratio` times the images of
 * the largest class (rounded up). Within a class every image occurs equally often, or once more than
 * another, chosen by the seed; larger classes and empty ones stay as they are. For the training part only.
 *
 * The first `labels.length` positions are 0, 1, 2, …; the repetitions follow.
 *
 * @param classes Number of classes.
 * @throws InputError when `ratio` is outside 0..1.
 *
 * @example
 * const positions = oversample(labels, 5, { ratio: 0.6, seed: 42 });
 */
export function oversample(
  labels: ArrayLike<number>,
  classes: number,
  { ratio = 0.6, seed }: OversampleOptions,
): number[] {
  checkNumber('oversample: ratio', ratio, 0, 1);
  checkInteger('oversample: classes', classes, 1);
  const goal = Math.ceil(ratio * Math.max(...countLabels(labels, classes)));
  const positions = Array.from({ length: labels.length }, (_, position) => position);
  const byClass = Array.from({ length: classes }, (): number[] => []);
  for (const position of positions) byClass[labels[position] ?? 0]?.push(position);
  const random = createRandom(seed).fork('oversample');
  const added = byClass.flatMap((members, label) =>
    repeats(random.fork(label).shuffle(members), goal - members.length),
  );
  return [...positions, ...added];
}

/** `count` further uses of the members, in turn, so that no two differ by more than one. */
function repeats(members: readonly number[], count: number): number[] {
  if (members.length === 0 || count <= 0) return [];
  return Array.from({ length: count }, (_, turn) => members[turn % members.length] ?? 0);
}

/**
 * Class weights by the effective number of samples, w = (1 − β)/(1 − βⁿ), scaled so that their mean is 1
 * (Cui et al., "Class-Balanced Loss Based on Effective Number of Samples", CVPR 2019).
 *
 * β = 0 gives equal weights; the nearer β comes to 1, the nearer the weights come to 1/n. With thousands of
 * images per class β = 0.99 hardly weighs, 0.9999 does.
 *
 * @param counts Images per class, each at least 1.
 * @param beta In [0, 1).
 * @throws InputError when β is outside [0, 1) or a class is empty.
 *
 * @example
 * effectiveNumberWeights([3995, 436, 7215], 0.9999); // the second weighs 7.7 times the first
 */
export function effectiveNumberWeights(counts: readonly number[], beta: number): number[] {
  if (!(beta >= 0 && beta < 1)) {
    const expected = 'a number of at least 0 and below 1';
    throw new InputError({ where: 'class weights: beta', received: String(beta), expected });
  }
  const weights = counts.map((count) => {
    checkInteger('class weights: images of a class', count, 1);
    return (1 - beta) / (1 - beta ** count);
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (weight * counts.length) / sum);
}

/** The columns of {@link samplingTable}, one entry per class. */
export interface SamplingTable {
  readonly classes: readonly string[];
  /** Images in the training part. */
  readonly counts: readonly number[];
  /** Images per epoch after oversampling. */
  readonly sampled?: readonly number[];
  /** Weights in the loss. */
  readonly weights?: readonly number[];
}

/**
 * A text table of class sizes, sizes after oversampling and weights, one line per class.
 *
 * @example
 * console.log(samplingTable({ classes, counts, weights: effectiveNumberWeights(counts, 0.9999) }));
 */
export function samplingTable({ classes, counts, sampled, weights }: SamplingTable): string {
  const columns: string[][] = [
    ['class', ...classes],
    ['images', ...counts.map(String)],
  ];
  if (sampled !== undefined) columns.push(['per epoch', ...sampled.map(String)]);
  if (weights !== undefined) columns.push(['weight', ...weights.map((weight) => weight.toFixed(3))]);
  return textTable(columns);
}

/** Aligns columns of text, the first to the left, the others to the right. */
export function textTable(columns: readonly (readonly string[])[]): string {
  const padded = columns.map((column, position) => {
    const width = Math.max(...column.map((cell) => cell.length));
    return column.map((cell) => (position === 0 ? cell.padEnd(width) : cell.padStart(width)));
  });
  const rows = padded[0]?.map((_, row) => padded.map((column) => column[row] ?? '').join('  ')) ?? [];
  return rows.map((row) => row.trimEnd()).join('\n');
}
