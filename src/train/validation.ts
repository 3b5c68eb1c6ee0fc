import type { ImageSet } from '../data/images.js';
import type { InferenceOptions } from '../predict/inference.js';
import { scoreImages, type ImageScores } from '../predict/scores.js';
import type { Runtime } from '../runtime/session.js';

/** Figures of the held-out part. */
export interface Validation {
  /** Mean cross-entropy. */
  readonly loss: number;
  readonly accuracy: number;
  /** Mean of the classes' accuracies; classes without images do not count. */
  readonly macroAccuracy: number;
}

/** Probabilities below this count as this in the loss. */
const FLOOR = 1e-7;

/** Compiles the current weights and measures them on some images. */
export async function validate(
  runtime: Runtime,
  options: Omit<InferenceOptions, 'pictureShape'>,
  images: ImageSet,
  indices: readonly number[],
): Promise<Validation> {
  return summarize(await scoreImages(runtime, options, images, indices));
}

function summarize({ labels, probabilities, classes }: ImageScores): Validation {
  const k = classes.length;
  const right = new Array<number>(k).fill(0);
  const total = new Array<number>(k).fill(0);
  let loss = 0;
  labels.forEach((label, row) => {
    const own = probabilities.subarray(row * k, (row + 1) * k);
    total[label] = (total[label] ?? 0) + 1;
    if (own.indexOf(Math.max(...own)) === label) right[label] = (right[label] ?? 0) + 1;
    loss -= Math.log(Math.max(FLOOR, own[label] ?? 0));
  });
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const shares = total.flatMap((n, i) => (n === 0 ? [] : [(right[i] ?? 0) / n]));
  return {
    loss: loss / Math.max(1, labels.length),
    accuracy: sum(right) / Math.max(1, labels.length),
    macroAccuracy: sum(shares) / Math.max(1, shares.length),
  };
}
