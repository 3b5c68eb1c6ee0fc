import { temper } from '../data/soft-labels.js';
import type { ImageSet } from '../data/images.js';
import { createClassifier, type Classifier } from '../predict/classifier.js';
import type { Runtime } from '../runtime/session.js';
import type { Teaching } from '../train/fit-options.js';
import type { SoftLabels } from '../train/recipe.js';
import { inferenceOf, modelClasses, openModel } from './model-source.js';
import { checkPictures } from './soft-labels.js';

/** A teacher that is ready to answer batches. */
interface Teacher {
  readonly classifier: Classifier;
  /** Where each class of the training stands among the teacher's; −1 where it does not know it. */
  readonly columns: readonly number[];
}

/**
 * Teachers that answer the very pictures that the student sees, augmented and mixed, in every step: "consistent
 * teaching" or function matching (Beyer et al. 2022, arXiv:2106.05237).
 *
 * @throws InputError when a teacher is missing, or does not fit the pictures
 */
export async function openTeaching(
  { teachers = [], teacherWeight = 0.5, temperature = 1 }: SoftLabels,
  images: ImageSet,
  runtime: Runtime,
  batchSize: number,
): Promise<Teaching> {
  const opened: Teacher[] = [];
  for (const source of teachers) opened.push(await openTeacher(source, images, runtime, batchSize));
  const classes = images.classes.length;
  const share = teacherWeight / Math.max(1, opened.length);
  return {
    label: async (batch) => {
      const y = batch.y.map((value) => (1 - teacherWeight) * value);
      for (const { classifier, columns } of opened) {
        const answers = await classifier.probabilities(batch.x);
        const width = answers.length / batchSize;
        temper(answers, width, temperature);
        for (let row = 0; row < batchSize; row++) {
          const own = batch.y.subarray(row * classes, (row + 1) * classes);
          const given = answers.subarray(row * width, (row + 1) * width);
          teacherRow(own, given, columns).forEach((value, k) => {
            y[row * classes + k] = (y[row * classes + k] ?? 0) + share * value;
          });
        }
      }
      return { ...batch, y };
    },
    close: async () => {
      for (const { classifier } of opened) await classifier.close();
    },
  };
}

/**
 * What a teacher makes of a label row: it divides anew what the row gives to classes that it knows, and leaves the
 * rest as it is.
 *
 * @param own label row of the training's classes, summing to 1
 * @param given probabilities of the teacher's classes
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

async function openTeacher(
  source: string,
  images: ImageSet,
  runtime: Runtime,
  batchSize: number,
): Promise<Teacher> {
  const model = await openModel(source);
  const parts = inferenceOf(model);
  checkPictures(source, parts.preprocessing, images);
  const pictureShape = [images.channels, images.height, images.width] as const;
  const classes = modelClasses(model);
  return {
    classifier: await createClassifier(runtime, { ...parts, batchSize, pictureShape }),
    columns: images.classes.map((name) => classes.indexOf(name)),
  };
}
