import { bestOf } from '../core/rows.js';
import { InputError } from '../core/errors.js';

/** What a model said about a labelled set of images. */
export interface Scores {
  /** True class of each image, an index into `classes`: [n]. */
  readonly labels: Int32Array;
  /** Probability of each class, row-major [n, classes], rows summing to 1. */
  readonly probabilities: Float32Array;
  /** Class names in the order of the model's outputs. */
  readonly classes: readonly string[];
}

/**
 * Throws unless the three parts fit each other and no number is missing.
 * @throws InputError for no images, a wrong length, a repeated class, a label outside the classes or a NaN.
 */
export function checkScores(scores: Scores): void {
  const { labels, probabilities, classes } = scores;
  const where = 'evaluation';
  if (labels.length === 0) {
    throw new InputError({ where, received: 'no images', expected: 'at least one labelled image' });
  }
  if (probabilities.length !== labels.length * classes.length) {
    const expected = `${labels.length} × ${classes.length} of them`;
    throw new InputError({ where, received: `${probabilities.length} probabilities`, expected });
  }
  checkNames(where, classes);
  checkLabels(where, labels, classes.length);
  checkProbabilities(where, probabilities, classes.length);
}

function checkNames(where: string, classes: readonly string[]): void {
  const twice = classes.find((name, index) => classes.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new InputError({ where, received: `class "${twice}" twice`, expected: 'distinct class names' });
}

function checkLabels(where: string, labels: Int32Array, classes: number): void {
  const bad = labels.findIndex((label) => label < 0 || label >= classes);
  if (bad < 0) return;
  const received = `label ${labels[bad] ?? 0} for image ${bad}`;
  throw new InputError({ where, received, expected: `a label between 0 and ${classes - 1}` });
}

function checkProbabilities(where: string, probabilities: Float32Array, classes: number): void {
  const bad = probabilities.findIndex((p) => !(p >= 0 && p <= 1.0001));
  if (bad < 0) return;
  throw new InputError({
    where,
    received: `probability ${probabilities[bad] ?? 0} for image ${Math.floor(bad / classes)}`,
    expected: 'a number between 0 and 1',
    remedy: 'check that the weights are finite and that the model ends in a softmax',
  });
}

/** The most probable class of each image: [n]. The first wins a tie, as in NumPy's `argmax`. */
export function predictedClasses({ labels, probabilities, classes }: Scores): Int32Array {
  return Int32Array.from(labels, (_, image) => bestOf(probabilities, image, classes.length));
}

/** The scores of the images for which `keep(image)` holds, in their order. */
export function filterScores(scores: Scores, keep: (image: number) => boolean): Scores {
  const { labels, probabilities, classes } = scores;
  const kept = Array.from(labels.keys()).filter(keep);
  const chosen = new Float32Array(kept.length * classes.length);
  kept.forEach((image, row) => {
    const from = image * classes.length;
    chosen.set(probabilities.subarray(from, from + classes.length), row * classes.length);
  });
  return { labels: Int32Array.from(kept, (image) => labels[image] ?? 0), probabilities: chosen, classes };
}
