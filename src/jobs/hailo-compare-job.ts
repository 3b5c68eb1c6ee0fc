import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { InputError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { imageAt, type ImageSet } from '../data/images.js';
import { resizeImage } from '../data/resize.js';
import { compareAnswers, type Agreement, type Answers } from '../evaluate/device/agreement.js';
import { formatAgreement } from '../evaluate/device/format.js';
import { matchAnswers, parseAnswers, type LoggedAnswer } from '../evaluate/device/predictions-file.js';
import type { Model } from '../models/model.js';
import { scoreImages } from '../predict/scores.js';
import type { Runtime } from '../runtime/session.js';
import type { EvaluationSplit } from './evaluate-data.js';
import type { JobHooks } from './events.js';
import { loadPictures } from './hailo-compare-pictures.js';
import { int8Probabilities, type Int8Runtimes } from './int8-answers.js';
import { withRecords, type ModelRecords } from './model-records.js';
import { modelClasses, modelPreprocessing, openModel } from './model-source.js';

/** What {@link hailoCompareJob} compares. */
export interface HailoCompareOptions extends Pick<ModelRecords, 'preprocessing'> {
  /** The float model: a shipped model's name, a run folder, a `.keras` or `.h5` file. */
  readonly float: string;
  /** CSV of the device's answers: `file` and `predicted` or `p_<class>…`. */
  readonly deviceLog: string;
  /** The same model quantized: an `.onnx` or `.tflite` file, or a CSV of its answers. */
  readonly int8?: string;
  /** Data root or CSV file with the pictures that the device was shown; for a run, by default, its own. */
  readonly data?: string;
  /** Default `test`. */
  readonly split?: EvaluationSplit;
  /** Folder for `agreement.json` and `agreement.txt`; nothing is written without it. */
  readonly out?: string;
  readonly cacheDir?: string;
  readonly runtime: Runtime;
  /** Engine for `.tflite` files. */
  readonly tflite?: Int8Runtimes['tflite'];
}

/** What {@link hailoCompareJob} found. */
export interface HailoComparison extends Agreement {
  readonly split: EvaluationSplit;
  /** Files of the log that are not among the pictures. */
  readonly strangers: readonly string[];
  /** Pictures of the split that the device was not shown. */
  readonly notShown: number;
}

/**
 * Compares a float model, its quantized form and a device on the same pictures: those of the device's log. The float
 * model answers twice: as it was evaluated, and on pictures rounded to uint8 at the input's size, which is what a
 * device gets.
 *
 * @throws InputError when the model, the log or the data do not fit each other
 * @example
 * const found = await hailoCompareJob({
 *   float: 'mien', deviceLog: 'predictions.csv', data: 'fer2013', runtime: ortNode(),
 * });
 */
export async function hailoCompareJob(
  options: HailoCompareOptions,
  hooks: JobHooks = {},
): Promise<HailoComparison> {
  const { split = 'test', deviceLog } = options;
  const model = withRecords(await openModel(options.float), options);
  const classes = modelClasses(model);
  const log = parseAnswers(deviceLog, readLog('--device-log', deviceLog), classes);
  const { images, indices } = await loadPictures(options, model, split, hooks);
  const names = indices.map((image) => images.names[image] ?? '');
  const { byImage, strangers } = matchAnswers(deviceLog, log, names);
  const shown = [...byImage.keys()].sort((a, b) => a - b);
  const subject: Subject = { options, model, images, indices: shown.map((i) => indices[i] ?? 0), hooks };
  const float = await floatAnswers('float', subject);
  const rounded = await floatAnswers(ROUNDED, { ...subject, ...roundedSubject(subject) });
  const answers = [float, rounded, ...(await int8Answers(subject))];
  const device = loggedAnswers(
    'device',
    shown.flatMap((i) => byImage.get(i) ?? []),
  );
  const labels = subject.indices.map((image) => images.labels[image] ?? 0);
  const files = shown.map((i) => names[i] ?? '');
  const agreement = compareAnswers({ files, labels, classes }, [...answers, device]);
  const found = { ...agreement, split, strangers, notShown: names.length - shown.length };
  if (options.out !== undefined) writeComparison(options.out, found);
  return found;
}

/** A comparison as text for people. */
export function formatHailoComparison(found: HailoComparison): string {
  const { split, notShown, strangers } = found;
  const lines = [
    ...(notShown === 0 ? [] : [`${notShown} pictures of ${split} are not in the device's log.`]),
    ...(strangers.length === 0
      ? []
      : [
          `${strangers.length} rows of the log are no pictures of ${split}, the first: ${strangers[0] ?? ''}`,
        ]),
  ];
  return [formatAgreement(found).trimEnd(), ...(lines.length === 0 ? [] : ['', ...lines]), ''].join('\n');
}

function writeComparison(out: string, found: HailoComparison): void {
  writeFileAtomic(join(out, 'agreement.json'), `${JSON.stringify({ version: 1, ...found }, null, 2)}\n`);
  writeFileAtomic(join(out, 'agreement.txt'), formatHailoComparison(found));
}

function readLog(where: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const received = `no readable file "${path}"`;
    throw new InputError({ where, received, expected: 'a CSV of answers' }, { cause: error });
  }
}

/** What is answered for. */
interface Subject {
  readonly options: HailoCompareOptions;
  readonly model: Model;
  readonly images: ImageSet;
  readonly indices: readonly number[];
  readonly hooks: JobHooks;
}

/** The float model on what a device gets: pictures of the input's size, rounded to uint8. */
const ROUNDED = 'float uint8';

/** Pictures of the input's size: what is left of the difference then is the quantization's. */
function roundedSubject({ model, images, indices }: Subject): Pick<Subject, 'model' | 'images' | 'indices'> {
  const preprocessing = modelPreprocessing(model);
  const { inputSize, interpolation, antialias } = preprocessing;
  const [height, width] = inputSize;
  const size = height * width * images.channels;
  const pixels = new Uint8Array(indices.length * size);
  indices.forEach((image, i) => {
    const picture = resizeImage(imageAt(images, image), height, width, { interpolation, antialias });
    pixels.set(picture.pixels, i * size);
  });
  const at = <T>(values: { readonly [i: number]: T }, fallback: T) =>
    indices.map((image) => values[image] ?? fallback);
  return {
    model: { ...model, preprocessing: { ...preprocessing, sourceSize: inputSize } },
    images: {
      ...{ ...images, height, width, pixels },
      ...{ labels: Int32Array.from(at(images.labels, 0)), names: at(images.names, '') },
    },
    indices: [...indices.keys()],
  };
}

async function floatAnswers(name: string, subject: Subject): Promise<Answers> {
  const { options, model, images, indices, hooks } = subject;
  const { graph, weights } = model;
  const { probabilities } = await scoreImages(
    options.runtime,
    {
      ...{
        graph,
        weights,
        preprocessing: modelPreprocessing(model),
        batchSize: Math.min(64, indices.length),
      },
      onProgress: (done, total) => hooks.onEvent?.({ kind: 'working', what: `${name} model`, done, total }),
    },
    images,
    indices,
  );
  return answersOf(name, probabilities, indices.length);
}

async function int8Answers(subject: Subject): Promise<Answers[]> {
  const { options, model, images, indices, hooks } = subject;
  const { int8, runtime, tflite } = options;
  const classes = modelClasses(model);
  if (int8 === undefined) return [];
  if (/\.csv$/i.test(int8)) return [int8FromLog(int8, subject)];
  const total = indices.length;
  const pictures = {
    ...{ images, indices, preprocessing: modelPreprocessing(model), classes: classes.length },
    onProgress: (done: number) => hooks.onEvent?.({ kind: 'working', what: 'int8 model', done, total }),
  };
  const runtimes = { onnx: runtime, ...(tflite === undefined ? {} : { tflite }) };
  return [answersOf('int8', await int8Probabilities(int8, pictures, runtimes), total)];
}

function int8FromLog(path: string, { model, images, indices }: Subject): Answers {
  const answers = parseAnswers(path, readLog('--int8', path), modelClasses(model));
  const names = indices.map((image) => images.names[image] ?? '');
  const { byImage } = matchAnswers(path, answers, names);
  const missing = names.findIndex((_, i) => !byImage.has(i));
  if (missing >= 0) {
    const received = `no answer for "${names[missing] ?? ''}", which the device was shown`;
    throw new InputError({ where: path, received, expected: "one for every picture of the device's log" });
  }
  return loggedAnswers(
    'int8',
    names.flatMap((_, i) => byImage.get(i) ?? []),
  );
}

function answersOf(name: string, probabilities: Float32Array, n: number): Answers {
  const classes = probabilities.length / n;
  const predicted = Array.from({ length: n }, (_, i) => {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    return row.reduce((best, p, index) => (p > (row[best] ?? 0) ? index : best), 0);
  });
  return { name, predicted, probabilities };
}

function loggedAnswers(name: string, answers: readonly LoggedAnswer[]): Answers {
  const rows = answers.flatMap(({ probabilities }) => (probabilities === undefined ? [] : [probabilities]));
  const complete = rows.length === answers.length;
  return {
    name,
    predicted: answers.map(({ predicted }) => predicted),
    probabilities: complete ? Float32Array.from(rows.flat()) : undefined,
  };
}
