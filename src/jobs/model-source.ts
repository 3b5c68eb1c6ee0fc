import { existsSync, statSync } from 'node:fs';

import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { loadKeras } from '../export/keras/archive.js';
import { logitsGraph } from '../models/logits.js';
import type { Model } from '../models/model.js';
import type { InferenceOptions } from '../predict/inference.js';
import { isRunFolder, runFolder } from './run-folder.js';
import { isShipped, loadShipped, SHIPPED } from './shipped.js';

/**
 * Loads a model by what a person calls it: a shipped model's name, a run folder, a `.keras` file or a whole model in
 * Keras's legacy `.h5` format. A softmax at its end is taken off: its output is logits.
 * @throws InputError when there is none, or it is damaged
 */
export async function openModel(source: string): Promise<Model> {
  const model = await openAsIs(source);
  return { ...model, graph: logitsGraph(model.graph) };
}

/** {@link openModel} with whatever stands at the model's end. */
export async function openAsIs(source: string): Promise<Model> {
  if (isShipped(source)) return loadShipped(source);
  if (isRunFolder(source)) return loadKeras(bestOf(source));
  if (statSync(source, { throwIfNoEntry: false })?.isFile() === true) return loadKeras(source);
  throw new InputError({
    where: '--model',
    received: existsSync(source) ? `the folder "${source}" without args.yaml` : `"${source}"`,
    expected: `a .keras or .h5 file, a run folder, or a shipped model (${SHIPPED.join(', ')})`,
    remedy: 'check the path',
  });
}

/** The file behind a model's name, and its format in words. */
export function fileOf(source: string): { readonly path: string | undefined; readonly format: string } {
  if (isShipped(source)) return { path: undefined, format: 'shipped with Mien, half precision' };
  if (isRunFolder(source)) return { path: runFolder(source).best, format: 'training run, Keras 3 archive' };
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

type InferenceParts = Pick<InferenceOptions, 'graph' | 'weights' | 'preprocessing' | 'calibration'>;

/** A model's preprocessing record. @throws InputError when it has none */
export function modelPreprocessing({ preprocessing }: Model): Preprocessing {
  if (preprocessing !== undefined) return preprocessing;
  throw new InputError({
    where: 'model',
    received: 'no preprocessing record',
    expected: 'one, so that pictures reach the model as it was trained',
    remedy: 'give one with --preprocessing FILE|NAME',
  });
}

/** A model's classes. @throws InputError when it has none */
export function modelClasses({ classes }: Model): readonly string[] {
  if (classes !== undefined) return classes;
  throw new InputError({ where: 'model', received: 'no class names', expected: 'one name per output' });
}
