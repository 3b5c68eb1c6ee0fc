import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { ImageSet } from '../data/images.js';
import { isCsv } from '../data/load.js';
import { createEvaluation, type Evaluation } from '../evaluate/evaluation.js';
import type { Predictions } from '../evaluate/predictions.js';
import { writeEvaluation } from '../evaluate/write.js';
import type { Model } from '../models/model.js';
import type { Averaging } from '../predict/inference.js';
import { scoreImages } from '../predict/scores.js';
import type { Runtime } from '../runtime/session.js';
import type { TrainingSplit } from '../train/trainer.js';
import type { AnyModel } from './any-model.js';
import { splitTitle } from './drawn-data.js';
import type { JobHooks } from './events.js';
import { findLeaks } from './leaks.js';
import { loadClasses } from './load-classes.js';
import { classifierParts } from './model-source.js';
import type { RunFolder } from './run-folder.js';
import type { TrainSettings } from './settings.js';

/** Pictures per run of the classifier. */
const BATCH = 64;

/** What {@link evaluateRun} needs of a finished training. */
export interface RunEvaluation {
  readonly settings: TrainSettings;
  readonly environment: { readonly runtime: Runtime; readonly cacheDir?: string; readonly test?: boolean };
  readonly images: ImageSet;
  readonly split: TrainingSplit;
  readonly folder: RunFolder;
  readonly model: Model;
  readonly hooks: JobHooks;
}

/** Evaluates a finished training on its validation part and, where there is one, on the test part. */
export async function evaluateRun(run: RunEvaluation): Promise<Record<string, Evaluation>> {
  const { images, split, folder } = run;
  const evaluations: Record<string, Evaluation> = {};
  if (split.validation.length > 0) {
    const out = join(folder.evaluation, 'validation');
    evaluations['validation'] = await evaluateImages(run, {
      images: { ...images, classes: run.settings.classes },
      indices: split.validation,
      split: splitTitle(run.settings.data, 'validation'),
      out,
    });
  }
  const test = run.environment.test === false ? undefined : await loadTest(run);
  if (test !== undefined) {
    const indices = [...test.labels.keys()];
    const leaked = await findLeaks(test, { ...run.environment, data: run.settings.data }, run.hooks);
    evaluations['test'] = await evaluateImages(run, {
      images: test,
      indices,
      split: splitTitle(run.settings.data, 'test'),
      ...(leaked === undefined ? {} : { leaked }),
      out: folder.evaluation,
    });
  }
  return evaluations;
}

async function loadTest({
  settings,
  environment,
  images,
  hooks,
}: RunEvaluation): Promise<ImageSet | undefined> {
  if (!isCsv(settings.data) && !existsSync(join(settings.data, 'test'))) return undefined;
  const { images: test } = await loadClasses({
    data: settings.data,
    split: 'test',
    classes: settings.classes,
    sourceSize: [images.height, images.width],
    map: settings.map,
    colour: images.channels === 1 ? 'grey' : 'rgb',
    ...(environment.cacheDir === undefined ? {} : { cacheDir: environment.cacheDir }),
    onProgress: ({ done, total }) =>
      hooks.onEvent?.({ kind: 'working', what: 'reading test images', done, total }),
  });
  return test;
}

type ModelToEvaluate = Pick<RunEvaluation, 'environment' | 'hooks'> & { readonly model: AnyModel };

/** What {@link evaluateImages} measures and where it writes. */
export interface ImagesToEvaluate {
  readonly images: ImageSet;
  readonly indices: readonly number[];
  readonly split: string;
  /** Indices (into `indices`) of copies of training images; left out where nobody looked. */
  readonly leaked?: readonly number[];
  readonly average?: Averaging;
  /** Folder for the report; nothing is written without it. */
  readonly out?: string;
}

/** Scores images with a model, measures, and writes the report. */
export async function evaluateImages(model: ModelToEvaluate, images: ImagesToEvaluate): Promise<Evaluation> {
  return (await evaluateAnswers(model, images)).evaluation;
}

/** {@link evaluateImages} that also gives the answers. */
export async function evaluateAnswers(
  { environment, model, hooks }: ModelToEvaluate,
  { images, indices, split, leaked, average = 'none', out }: ImagesToEvaluate,
): Promise<{ readonly evaluation: Evaluation; readonly predictions: Predictions }> {
  const options = {
    ...classifierParts(model, average),
    batchSize: BATCH,
    onProgress: (done: number, total: number) =>
      hooks.onEvent?.({ kind: 'working', what: `evaluating ${split}`, done, total }),
  };
  const scores = await scoreImages(environment.runtime, options, images, indices);
  const { calibration } = model;
  const evaluation = createEvaluation({
    ...{ split, flip: average === 'flip', average, scores },
    ...(leaked === undefined ? {} : { leaked }),
    ...(calibration === undefined ? {} : { temperature: calibration.temperature }),
  });
  const predictions = { ...scores, files: indices.map((image) => images.names[image] ?? '') };
  if (out !== undefined) writeEvaluation(out, evaluation, predictions, leaked);
  return { evaluation, predictions };
}
