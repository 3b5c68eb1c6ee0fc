import { join, resolve } from 'node:path';

import { InputError } from '../core/errors.js';
import type { Evaluation } from '../evaluate/evaluation.js';
import type { Averaging } from '../predict/inference.js';
import type { Runtime } from '../runtime/session.js';
import {
  loadForEvaluation,
  type EvaluationData,
  type EvaluationSource,
  type EvaluationSplit,
} from './evaluate-data.js';
import { evaluateImages } from './evaluate-run.js';
import { splitTitle } from './drawn-data.js';
import type { AnyModel } from './any-model.js';
import type { JobHooks } from './events.js';
import { classMapOf } from './load-classes.js';
import { withRecords, type ModelRecords } from './model-records.js';
import { modelClasses, modelPreprocessing, openClassifier } from './model-source.js';
import { averagingOf } from './predict-job.js';
import { runFolder } from './run-folder.js';
import { settingsOfModel } from './run-settings.js';
import type { TrainSettings } from './settings.js';

/** What {@link evaluateJob} measures. */
export interface EvaluateOptions extends Pick<ModelRecords, 'preprocessing'> {
  /** A shipped model's name, a run folder, or a `.keras`, `.onnx` or `.tflite` file. */
  readonly model: string;
  /** Data root or CSV file; for a run folder, by default, the data it was trained on. */
  readonly data?: string;
  /** Default `test`. `validation` needs a run folder: the part that its training held out. */
  readonly split?: EvaluationSplit;
  /** Average each answer over the picture and its mirror image; default false. */
  readonly flip?: boolean;
  /** Over which views of a picture answers are averaged; default `flip` or `none`, as `flip` says. */
  readonly average?: Averaging;
  /** Folder of the report; by default inside the run folder, and nowhere for other models. */
  readonly out?: string;
  /** Only these classes of the model, or the names of the outputs of a model that has none. */
  readonly classes?: readonly string[];
  readonly cacheDir?: string;
  readonly runtime: Runtime;
}

/** What {@link evaluateJob} found. */
export interface EvaluateOutcome {
  readonly evaluation: Evaluation;
  /** Where the report was written. */
  readonly out: string | undefined;
}

/**
 * Measures a model on a part of a data set and writes the report.
 *
 * Pictures are read as the model's own preprocessing record says. Where the data has a training part too, the
 * test pictures that are exact copies of training pictures are counted, and left out of a second accuracy.
 *
 * @throws InputError when the model, the data or their classes do not fit
 * @example
 * const { evaluation } = await evaluateJob({ model: 'mien', data: 'fer2013', runtime: ortNode() });
 * console.log(evaluation.accuracy, evaluation.interval);
 */
export async function evaluateJob(options: EvaluateOptions, hooks: JobHooks = {}): Promise<EvaluateOutcome> {
  const { split = 'test', runtime, cacheDir } = options;
  const average = averagingOf(options);
  const model = withRecords(await openClassifier(options.model), options);
  const run = settingsOfModel(options.model);
  const data = dataOf(options, run);
  const map = classMapOf(model.origin);
  const source: EvaluationSource = {
    data,
    split,
    classes: chosenClasses(options.classes, model),
    preprocessing: modelPreprocessing(model),
    ...(run === undefined ? {} : { run }),
    ...(map === undefined ? {} : { map }),
    ...(cacheDir === undefined ? {} : { cacheDir }),
  };
  const loaded = await loadForEvaluation(source, hooks);
  const out = options.out ?? defaultOut(options.model, { data, split, average }, run);
  const job = { environment: { runtime }, model, hooks };
  const evaluation = await evaluateImages(job, {
    ...inOrderOf(model, loaded),
    split: splitTitle(data, split),
    average,
    ...withOut(out),
  });
  return { evaluation, out };
}

function dataOf({ data, model }: EvaluateOptions, run: TrainSettings | undefined): string {
  const found = data ?? run?.data;
  if (found !== undefined) return found;
  throw new InputError({
    where: '--data',
    received: `nothing, and the model "${model}" is no run folder that names its own`,
    expected: 'a data folder or a CSV file',
  });
}

/** The classes to read, in the model's order. @throws InputError for a class that the model does not know */
function chosenClasses(chosen: readonly string[] | undefined, model: AnyModel): readonly string[] {
  const known = modelClasses(model);
  const stranger = chosen?.find((name) => !known.includes(name));
  if (stranger !== undefined) {
    const expected = `classes of the model (${known.join(', ')})`;
    throw new InputError({ where: '--classes', received: `"${stranger}"`, expected });
  }
  return known.filter((name) => chosen === undefined || chosen.includes(name));
}

/** Labels by the model's outputs, of which the images may have only some. */
function inOrderOf(model: AnyModel, { images, indices, leaked }: EvaluationData): EvaluationData {
  const classes = modelClasses(model);
  const position = images.classes.map((name) => classes.indexOf(name));
  const labels = images.labels.map((label) => position[label] ?? 0);
  return {
    images: { ...images, classes, labels },
    indices,
    ...(leaked === undefined ? {} : { leaked }),
  };
}

/** A run's own data goes where its training reports; other data and averaged answers get folders of their own there. */
function defaultOut(
  model: string,
  { data, split, average }: { data: string; split: EvaluationSplit; average: Averaging },
  run: TrainSettings | undefined,
): string | undefined {
  if (run === undefined) return undefined;
  const { evaluation } = runFolder(model);
  const own = resolve(data) === resolve(run.data);
  const parts = [
    ...(own ? [] : [`on-${nameOf(data)}`]),
    ...(split === 'test' ? [] : [split]),
    ...(average === 'none' ? [] : [average]),
  ];
  return join(evaluation, ...parts);
}

function nameOf(data: string): string {
  const name = resolve(data).split(/[\\/]/).at(-1) ?? 'data';
  return name === '' ? 'data' : name;
}

function withOut(out: string | undefined): { readonly out?: string } {
  return out === undefined ? {} : { out };
}
