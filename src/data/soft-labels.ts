import { InputError } from '../core/errors.js';
import { type ImageSet, imageCount } from './images.js';

/** One opinion about the classes of every picture, and how much it counts. */
export interface Opinion {
  /** Shares `[image, classes]`; rows sum to 1, or to 0 where there is none. */
  readonly rows: Float32Array;
  /** Share of this opinion in the mixture, 0..1. */
  readonly weight: number;
}

/**
 * Label rows `[image, classes]`: the pictures' own labels mixed with opinions. Where an opinion has nothing to say, its
 * share stays with the picture's own label.
 *
 * @throws InputError when the weights exceed 1 together
 * @example mixLabels(images, [{ rows: votes, weight: 0.5 }]);
 */
export function mixLabels(images: ImageSet, opinions: readonly Opinion[]): Float32Array {
  checkWeights(opinions);
  const classes = images.classes.length;
  const mixed = new Float32Array(imageCount(images) * classes);
  images.labels.forEach((label, image) => {
    const row = mixed.subarray(image * classes, (image + 1) * classes);
    const taken = opinions.reduce((sum, opinion) => sum + add(row, opinion, image), 0);
    row[label] = (row[label] ?? 0) + 1 - taken;
  });
  return mixed;
}

/** Adds an opinion about one picture; returns the share that it took. */
function add(row: Float32Array, { rows, weight }: Opinion, image: number): number {
  const shares = rows.subarray(image * row.length, (image + 1) * row.length);
  shares.forEach((share, k) => (row[k] = (row[k] ?? 0) + weight * share));
  return shares.some((share) => share > 0) ? weight : 0;
}

function checkWeights(opinions: readonly Opinion[]): void {
  const sum = opinions.reduce((total, { weight }) => total + weight, 0);
  if (sum <= 1 + 1e-9) return;
  const received = `weights of ${sum} together`;
  throw new InputError({ where: 'soft labels', received, expected: 'at most 1, the rest is the own label' });
}

/**
 * What a teacher makes of a label row: it divides anew what the row gives to classes that it knows, and leaves the
 * rest as it is.
 *
 * @param own label row of the training's classes, summing to 1
 * @param given probabilities of the teacher's classes
 * @param columns where each class of the row stands among the teacher's; −1 where it does not know it
 * @example teacherRow([0, 1, 0], [0.6, 0.2], [0, -1, 1]); // [0, 1, 0]: the teacher does not know the second class
 */
export function teacherRow(
  own: ArrayLike<number>,
  given: ArrayLike<number>,
  columns: readonly number[],
): number[] {
  const known = columns.map((column) => (column < 0 ? 0 : (given[column] ?? 0)));
  const total = known.reduce((a, b) => a + b, 0);
  const mass = columns.reduce((sum, column, k) => (column < 0 ? sum : sum + (own[k] ?? 0)), 0);
  return columns.map((column, k) =>
    column < 0 || total === 0 ? (own[k] ?? 0) : (mass * (known[k] ?? 0)) / total,
  );
}

/** Sharpens (T < 1) or flattens (T > 1) probabilities in rows of `classes`, in place. */
export function temper(rows: Float32Array, classes: number, temperature: number): void {
  for (let start = 0; start < rows.length; start += classes) {
    const row = rows.subarray(start, start + classes);
    const powers = row.map((p) => p ** (1 / temperature));
    const sum = powers.reduce((a, b) => a + b, 0);
    if (sum > 0) row.set(powers.map((p) => p / sum));
  }
}
