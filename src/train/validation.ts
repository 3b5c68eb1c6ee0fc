import type { ImageSet } from '../data/images.js';
import { evaluationBatches } from '../data/batches.js';
import { createClassifier } from '../predict/classifier.js';
import type { InferenceOptions } from '../predict/inference.js';
import type { Runtime } from '../runtime/session.js';

/** Figures of the held-out part. */
export interface Validation {
  /** Mean cross-entropy. */
  readonly loss: number;
  readonly accuracy: number;
  /** Mean of the classes' accuracies; classes without images do not count. */
  readonly macroAccuracy: number;
}

/** Compiles the current weights and measures them on some images. */
export async function validate(
  runtime: Runtime,
  options: InferenceOptions,
  images: ImageSet,
  indices: readonly number[],
): Promise<Validation> {
  const classifier = await createClassifier(runtime, options);
  try {
    const tally = new Tally(images.classes.length);
    let first = 0;
    for (const batch of evaluationBatches(images, indices, options.batchSize)) {
      const probabilities = await classifier.probabilities(batch.x);
      for (let row = 0; row < batch.count; row++) {
        tally.add(images.labels[indices[first + row] ?? 0] ?? 0, probabilities, row);
      }
      first += batch.count;
    }
    return tally.result();
  } finally {
    await classifier.close();
  }
}

/** Probabilities below this count as this in the loss. */
const FLOOR = 1e-7;

class Tally {
  private readonly right: number[];
  private readonly total: number[];
  private loss = 0;

  constructor(private readonly classes: number) {
    this.right = new Array<number>(classes).fill(0);
    this.total = new Array<number>(classes).fill(0);
  }

  add(label: number, probabilities: Float32Array, row: number): void {
    const own = probabilities.subarray(row * this.classes, (row + 1) * this.classes);
    const predicted = own.indexOf(Math.max(...own));
    this.total[label] = (this.total[label] ?? 0) + 1;
    if (predicted === label) this.right[label] = (this.right[label] ?? 0) + 1;
    this.loss -= Math.log(Math.max(FLOOR, own[label] ?? 0));
  }

  result(): Validation {
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    const count = Math.max(1, sum(this.total));
    const shares = this.total.flatMap((n, i) => (n === 0 ? [] : [(this.right[i] ?? 0) / n]));
    const macroAccuracy = sum(shares) / Math.max(1, shares.length);
    return { loss: this.loss / count, accuracy: sum(this.right) / count, macroAccuracy };
  }
}
