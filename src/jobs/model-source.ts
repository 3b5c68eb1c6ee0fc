import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';

import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { loadKeras } from '../export/keras/archive.js';
import { isTflite } from '../export/tflite/read/parse-tflite.js';
import { logitsGraph } from '../models/logits.js';
import type { Model } from '../models/model.js';
import { litertNode } from '../runtime/node/litert.js';
import type { AnyModel } from './any-model.js';
import { onnxModel, tfliteModel } from './file-model.js';
import type { FileInferenceOptions } from '../predict/file-classifier.js';
import type { Averaging, InferenceOptions } from '../predict/inference.js';
import { isRunFolder, runFolder } from './run-folder.js';
import { isShipped, loadShipped, SHIPPED } from './shipped.js';

/**
 * Loads a model by what a person calls it: a shipped model's name, a run folder, a `.keras` file or a whole model in
 * Keras's legacy `.h5` format. A softmax at its end is taken off: its output is logits.
 * @param where the option that names it, for messages
 * @throws InputError when there is none, or it is damaged
 */
export async function openModel(source: string, where = '--model'): Promise<Model> {
  const model = await openAsIs(source, where);
  return { ...model, graph: logitsGraph(model.graph) };
}

/**
 * {@link openModel}, or an ONNX or TensorFlow Lite file, of which only the network is left: for whoever only asks for
 * answers.
 * @throws InputError when there is none, or it is damaged or hostile
 */
export async function openClassifier(source: string): Promise<AnyModel> {
  switch (networkFormat(source)) {
    case 'onnx':
      return onnxModel(readFileSync(source), source);
    case 'tflite':
      return tfliteModel(readFileSync(source), source, litertNode);
    default:
      return openModel(source);
  }
}

/** Whether a path is a file of a network without layers, by its content or, for ONNX, which has no mark, by its name. */
export function networkFormat(source: string): 'onnx' | 'tflite' | undefined {
  if (isShipped(source) || statSync(source, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  if (isTflite(headOf(source)) || /\.tflite$/i.test(source)) return 'tflite';
  return /\.onnx$/i.test(source) ? 'onnx' : undefined;
}

function headOf(path: string): Uint8Array {
  const head = new Uint8Array(8);
  const file = openSync(path, 'r');
  try {
    readSync(file, head);
  } finally {
    closeSync(file);
  }
  return head;
}

/** {@link openModel} with whatever stands at the model's end. */
export async function openAsIs(source: string, where = '--model'): Promise<Model> {
  if (isShipped(source)) return loadShipped(source);
  if (isRunFolder(source)) return loadKeras(bestOf(source));
  if (networkFormat(source) !== undefined)
    throw new InputError({
      where: source,
      received: 'a network without layers',
      expected: 'a model with layers: a .keras or .h5 file, a run folder or a shipped model',
    });
  if (statSync(source, { throwIfNoEntry: false })?.isFile() === true) return loadKeras(source);
  throw new InputError({
    where,
    received: existsSync(source) ? `the folder "${source}" without args.yaml` : `"${source}"`,
    expected: `a .keras or .h5 file, a run folder, or a shipped model (${SHIPPED.join(', ')})`,
    remedy: 'check the path',
  });
}

/** The file behind a model's name, and its format in words. */
export function fileOf(source: string): { readonly path: string | undefined; readonly format: string } {
  if (isShipped(source)) return { path: undefined, format: 'shipped with Mien, half precision' };
  if (isRunFolder(source)) return { path: runFolder(source).best, format: 'training run, Keras 3 archive' };
  const network = networkFormat(source);
  if (network !== undefined) return { path: source, format: network === 'onnx' ? 'ONNX' : 'TensorFlow Lite' };
  const legacy = source.toLowerCase().endsWith('.h5') || source.toLowerCase().endsWith('.hdf5');
  return { path: source, format: legacy ? 'legacy Keras HDF5' : 'Keras 3 archive' };
}

function bestOf(run: string): string {
  const { best } = runFolder(run);
  if (existsSync(best)) return best;
  const remedy = `finish the run with "mien train --resume ${run}"`;
  throw new InputError({ where: run, received: 'a run without a trained model', expected: best, remedy });
}

/** What `createClassifier` and `scoreImages` take of a model. @throws InputError when it has no record */
export function inferenceOf(model: Model): InferenceParts {
  const { graph, weights, calibration } = model;
  const parts = { graph, weights, preprocessing: modelPreprocessing(model) };
  return calibration === undefined ? parts : { ...parts, calibration };
}

/**
 * {@link inferenceOf} for whatever can classify, with the way its answers are averaged.
 * @throws InputError when it has no record, or is a file whose network takes no windows of a picture
 */
export function classifierParts(model: AnyModel, average: Averaging): ClassifierParts {
  if (!('net' in model)) return { ...inferenceOf(model), average };
  if (average === 'five-crop')
    throw new InputError({
      where: '--average',
      received: 'five-crop for a file without layers',
      expected: 'none or flip, or a model with layers',
    });
  const { net, calibration } = model;
  const parts = { net, preprocessing: modelPreprocessing(model), average };
  return calibration === undefined ? parts : { ...parts, calibration };
}

type ClassifierParts =
  | (InferenceParts & { readonly average: Averaging })
  | Pick<FileInferenceOptions, 'net' | 'preprocessing' | 'average' | 'calibration'>;
type InferenceParts = Pick<InferenceOptions, 'graph' | 'weights' | 'preprocessing' | 'calibration'>;

/** A model's preprocessing record. @throws InputError when it has none */
export function modelPreprocessing({ preprocessing }: Pick<AnyModel, 'preprocessing'>): Preprocessing {
  if (preprocessing !== undefined) return preprocessing;
  throw new InputError({
    where: 'model',
    received: 'no preprocessing record',
    expected: 'one, so that pictures reach the model as it was trained',
    remedy: 'give one with --preprocessing FILE|NAME',
  });
}

/** A model's classes. @throws InputError when it has none */
export function modelClasses({ classes }: Pick<AnyModel, 'classes'>): readonly string[] {
  if (classes !== undefined) return classes;
  throw new InputError({ where: 'model', received: 'no class names', expected: 'one name per output' });
}
