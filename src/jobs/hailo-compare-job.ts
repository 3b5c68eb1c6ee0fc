import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { InputError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { bestOf } from '../core/rows.js';
import { imageAt, type ImageSet } from '../data/images.js';
import { resizeImage } from '../data/resize.js';
import { compareAnswers, type Agreement, type Answers } from '../evaluate/device/agreement.js';
import { formatAgreement } from '../evaluate/device/format.js';
import { matchAnswers, parseAnswers, type LoggedAnswer } from '../evaluate/device/predictions-file.js';
import type { Model } from '../models/model.js';
import type { FileInferenceOptions } from '../predict/file-classifier.js';
import type { FileNet } from '../predict/file-net.js';
import { scoreImages } from '../predict/scores.js';
import type { Runtime } from '../runtime/session.js';
import type { EvaluationSplit } from './evaluate-data.js';
import type { JobHooks } from './events.js';
import { loadPictures } from './hailo-compare-pictures.js';
import { withRecords, type ModelRecords } from './model-records.js';
import {
  inferenceOf,
  modelClasses,
  modelPreprocessing,
  networkFormat,
  openClassifier,
  openModel,
} from './model-source.js';

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
  const model = withRecords(await openModel(options.float, '--float'), options);
  const classes = modelClasses(model);
  const log = parseAnswers(deviceLog, readLog('--device-log', deviceLog), classes);
  const { images, indices } = await loadPictures(options, model, split, hooks);
  const names = indices.map((image) => images.names[image] ?? '');
  const { byImage, strangers } = matchAnswers(deviceLog, log, names);
  const shown = [...byImage.keys()].sort((a, b) => a - b);
  const subject: Subject = { options, model, images, indices: shown.map((i) => indices[i] ?? 0), hooks };
  const rounded = { ...subject, ...roundedSubject(subject) };
  const answers = [
    await floatAnswers('float', subject),
    await floatAnswers(ROUNDED, rounded),
    ...(await int8Answers(subject, rounded)),
  ];
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
  const probabilities = await answered(`${name} model`, inferenceOf(subject.model), subject);
  return answersOf(name, probabilities, subject.indices.length);
}

/** Probabilities [n, K] by layers or by a file's network. */
async function answered(
  what: string,
  parts: ReturnType<typeof inferenceOf> | Pick<FileInferenceOptions, 'net' | 'preprocessing' | 'calibration'>,
  { options, images, indices, hooks }: Subject,
): Promise<Float32Array> {
  const batchSize = Math.min(64, indices.length);
  const onProgress = (done: number, total: number) => hooks.onEvent?.({ kind: 'working', what, done, total });
  const scores = await scoreImages(options.runtime, { ...parts, batchSize, onProgress }, images, indices);
  return scores.probabilities;
}

async function int8Answers(subject: Subject, rounded: Subject): Promise<Answers[]> {
  const { int8 } = subject.options;
  if (int8 === undefined) return [];
  if (/\.csv$/i.test(int8)) return [int8FromLog(int8, subject)];
  const net = await openNet(int8, modelClasses(subject.model).length);
  const shown = takesSources(net, subject.model) ? subject : rounded;
  const { calibration } = subject.model;
  const parts = { net, preprocessing: modelPreprocessing(shown.model) };
  const probabilities = await answered(
    'int8 model',
    calibration === undefined ? parts : { ...parts, calibration },
    shown,
  );
  return [answersOf('int8', probabilities, subject.indices.length)];
}

/** A quantized file's network. @throws InputError when there is none, or it has other classes */
async function openNet(path: string, classes: number): Promise<FileNet> {
  const expected = 'a quantized .onnx or .tflite file, or the predictions.csv of one';
  if (networkFormat(path) === undefined) {
    if (!/\.(onnx|tflite)$/i.test(path))
      throw new InputError({ where: '--int8', received: `"${path}", another ending`, expected });
    const received = `no readable file "${path}"`;
    throw new InputError({ where: '--int8', received, expected: 'a quantized model' });
  }
  const model = await openClassifier(path);
  if (!('net' in model)) throw new InputError({ where: '--int8', received: `"${path}"`, expected });
  const outputs = model.net.output.classes ?? classes;
  if (outputs === classes) return model.net;
  const received = `an output of ${outputs} values`;
  throw new InputError({ where: path, received, expected: `${classes}, one per class` });
}

/** Whether a network takes pictures as they were before they are brought to the input's size. */
function takesSources({ input: { kind, size } }: FileNet, model: Model): boolean {
  const [height, width] = modelPreprocessing(model).sourceSize;
  return kind !== 'normalized' && (size === undefined || (size[0] === height && size[1] === width));
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
  const predicted = Array.from({ length: n }, (_, i) => bestOf(probabilities, i, classes));
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
