import { teacherRow, temper } from '../data/soft-labels.js';
import type { ImageSet } from '../data/images.js';
import { createClassifier, type Classifier } from '../predict/classifier.js';
import type { Runtime } from '../runtime/session.js';
import type { Teaching } from '../train/fit-options.js';
import type { Recipe, SoftLabels } from '../train/recipe.js';
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
  const opened = await openAll(teachers, (source) => openTeacher(source, images, runtime, batchSize));
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
    close: () => closeAll(opened),
  };
}

/** {@link openTeaching} for a recipe; undefined where no teacher answers in every step. @throws InputError */
export async function teachingOf(
  { softLabels, batchSize }: Pick<Recipe, 'softLabels' | 'batchSize'>,
  images: ImageSet,
  runtime: Runtime,
): Promise<Teaching | undefined> {
  if (softLabels?.sameView !== true || (softLabels.teachers ?? []).length === 0) return undefined;
  return openTeaching(softLabels, images, runtime, batchSize);
}

/** Opens all teachers, or none. */
async function openAll(
  sources: readonly string[],
  open: (source: string) => Promise<Teacher>,
): Promise<Teacher[]> {
  const opened: Teacher[] = [];
  try {
    for (const source of sources) opened.push(await open(source));
    return opened;
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

async function closeAll(teachers: readonly Teacher[]): Promise<void> {
  for (const { classifier } of teachers) await classifier.close();
}

async function openTeacher(
  source: string,
  images: ImageSet,
  runtime: Runtime,
  batchSize: number,
): Promise<Teacher> {
  const model = await openModel(source, '--teacher');
  const parts = inferenceOf(model);
  checkPictures(source, parts.preprocessing, images);
  const pictureShape = [images.channels, images.height, images.width] as const;
  const classes = modelClasses(model);
  return {
    classifier: await createClassifier(runtime, { ...parts, batchSize, pictureShape }),
    columns: images.classes.map((name) => classes.indexOf(name)),
  };
}
