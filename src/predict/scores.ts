import { evaluationBatches } from '../data/batches.js';
import type { ImageSet } from '../data/images.js';
import type { Runtime } from '../runtime/session.js';
import { createClassifier } from './classifier.js';
import type { FileInferenceOptions } from './file-classifier.js';
import type { InferenceOptions } from './inference.js';

/** Class probabilities of many images. */
export interface ImageScores {
  /** True classes, `[n]`. */
  readonly labels: Int32Array;
  /** `[n, K]`, rows sum to 1. */
  readonly probabilities: Float32Array;
  readonly classes: readonly string[];
}

/** Options of {@link scoreImages}. */
export type ScoreOptions = (
  Omit<InferenceOptions, 'pictureShape'> | Omit<FileInferenceOptions, 'pictureShape'>
) & {
  readonly onProgress?: (done: number, total: number) => void;
};

/**
 * Runs a model over images of a set.
 *
 * @param indices images to score, in this order
 */
export async function scoreImages(
  runtime: Runtime,
  options: ScoreOptions,
  images: ImageSet,
  indices: readonly number[],
): Promise<ImageScores> {
  const pictureShape = [images.channels, images.height, images.width] as const;
  const classifier = await createClassifier(runtime, { ...options, pictureShape });
  const classes = images.classes.length;
  const probabilities = new Float32Array(indices.length * classes);
  try {
    let done = 0;
    for (const batch of evaluationBatches(images, indices, options.batchSize)) {
      const rows = await classifier.probabilities(batch.x);
      probabilities.set(rows.subarray(0, batch.count * classes), done * classes);
      done += batch.count;
      options.onProgress?.(done, indices.length);
    }
  } finally {
    await classifier.close();
  }
  const labels = Int32Array.from(indices, (image) => images.labels[image] ?? 0);
  return { labels, probabilities, classes: images.classes };
}
