import { InputError } from '../core/errors.js';
import type { ClassMap } from '../data/class-map.js';
import { type ImageSet, imageCount } from '../data/images.js';
import { mixLabels, teacherRow, temper, type Opinion } from '../data/soft-labels.js';
import { voteTargets } from '../data/votes.js';
import { scoreImages } from '../predict/scores.js';
import type { Runtime } from '../runtime/session.js';
import type { SoftLabels } from '../train/recipe.js';
import type { JobHooks } from './events.js';
import { readVotes } from './read-votes.js';
import { inferenceOf, modelClasses, modelPreprocessing, openModel } from './model-source.js';

const TEACHER_BATCH = 64;

/** Soft labels of a training, and pictures that are better left out. */
export interface PreparedLabels {
  /** `[image, classes]`, rows sum to 1. */
  readonly rows: Float32Array;
  /** Pictures that most people called no face. */
  readonly notAFace: readonly number[];
}

/**
 * Mixes the labels of training pictures with people's votes (FER+, Barsoum et al. 2016) and with the answers of
 * finished models, averaged over a picture and its mirror image (knowledge distillation, Hinton et al. 2015).
 *
 * @param map what some of the pictures' classes are made of
 * @throws InputError when a file or a teacher is missing, or does not fit the pictures
 */
export async function prepareLabels(
  labels: SoftLabels,
  images: ImageSet,
  runtime: Runtime,
  hooks: JobHooks,
  map?: ClassMap,
): Promise<PreparedLabels> {
  const { votes, teacherWeight = 0.5 } = labels;
  const { votesWeight, teachers } = beforeTraining(labels);
  const opinions: Opinion[] = [];
  let notAFace: readonly number[] = [];
  if (votes !== undefined) {
    const targets = voteTargets(images, readVotes('--labels', votes), map);
    const { rows, known } = targets;
    opinions.push({ rows, weight: votesWeight });
    ({ notAFace } = targets);
    const text = `votes for ${known} of ${imageCount(images)} images, ${notAFace.length} called no face left out`;
    hooks.onEvent?.({ kind: 'note', text });
  }
  for (const teacher of teachers) {
    const rows = await teacherRows(teacher, images, runtime, hooks);
    temper(rows, images.classes.length, labels.temperature ?? 1);
    opinions.push({ rows, weight: teacherWeight / teachers.length });
  }
  return { rows: mixLabels(images, opinions), notAFace };
}

/**
 * What can be mixed once and for all. Teachers that are asked in every step take their share of the mixture then, so
 * the votes' share of what they leave is larger.
 */
function beforeTraining({ sameView, teachers = [], teacherWeight = 0.5, votesWeight = 0.5 }: SoftLabels) {
  if (sameView !== true || teachers.length === 0) return { votesWeight, teachers };
  const rest = 1 - teacherWeight;
  return { votesWeight: rest === 0 ? 0 : votesWeight / rest, teachers: [] };
}

/** A model's probabilities `[image, classes]` of a set's classes; the own label for pictures of classes that it does not know. */
async function teacherRows(
  source: string,
  images: ImageSet,
  runtime: Runtime,
  { onEvent }: JobHooks,
): Promise<Float32Array> {
  const model = await openModel(source, '--teacher');
  const preprocessing = modelPreprocessing(model);
  const classes = modelClasses(model);
  checkPictures(source, preprocessing, images);
  // Labels stay out of it: they number another list of classes.
  const pictures = { ...images, classes, labels: new Int32Array(imageCount(images)) };
  const what = `asking ${source}`;
  const { probabilities } = await scoreImages(
    runtime,
    {
      ...{ ...inferenceOf(model), batchSize: TEACHER_BATCH, average: 'flip' },
      onProgress: (done, total) => onEvent?.({ kind: 'working', what, done, total }),
    },
    pictures,
    [...images.labels.keys()],
  );
  return relabel(probabilities, classes, images);
}

/** What a teacher makes of the pictures' own labels. */
function relabel(given: Float32Array, classes: readonly string[], images: ImageSet): Float32Array {
  const columns = images.classes.map((name) => classes.indexOf(name));
  const rows = new Float32Array(imageCount(images) * columns.length);
  images.labels.forEach((label, image) => {
    const own = columns.map((_, k) => (k === label ? 1 : 0));
    const answer = given.subarray(image * classes.length, (image + 1) * classes.length);
    rows.set(teacherRow(own, answer, columns), image * columns.length);
  });
  return rows;
}

/** Throws unless a teacher reads pictures as a training keeps them. @throws InputError */
export function checkPictures(
  where: string,
  { sourceSize, colour }: ReturnType<typeof modelPreprocessing>,
  images: ImageSet,
): void {
  const channels = colour === 'grey' ? 1 : 3;
  const { height, width } = images;
  if (sourceSize[0] === height && sourceSize[1] === width && images.channels === channels) return;
  throw new InputError({
    where,
    received: `a teacher for ${sourceSize.join(' x ')} pixels, ${colour}`,
    expected: `one for ${height} x ${width} pixels, ${images.channels === 1 ? 'grey' : 'rgb'}, as this training keeps its pictures`,
    remedy: 'change --source-size or --colour, or take another teacher',
  });
}
