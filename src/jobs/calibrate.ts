import { existsSync } from 'node:fs';

import type { ImageSet } from '../data/images.js';
import { temper } from '../data/soft-labels.js';
import { expectedCalibrationError, calibrationBins } from '../evaluate/calibration.js';
import { fitTemperature } from '../evaluate/temperature.js';
import { loadKeras, saveKeras } from '../export/keras/archive.js';
import type { Calibration, Model } from '../models/model.js';
import { scoreImages, type ImageScores } from '../predict/scores.js';
import type { Runtime } from '../runtime/session.js';
import { loadForEvaluation } from './evaluate-data.js';
import type { JobHooks } from './events.js';
import { classMapOf } from './load-classes.js';
import { inferenceOf, modelPreprocessing } from './model-source.js';
import { openRunFolder, readArgs } from './run-folder.js';
import { parseSettings } from './settings.js';

const BATCH = 64;

/** Fits a model's temperature on images that trained nothing. @throws InputError when there are none */
export async function calibrationOf(
  runtime: Runtime,
  model: Model,
  images: ImageSet,
  indices: readonly number[],
): Promise<Calibration> {
  return { temperature: fitTemperature(await plainScores(runtime, model, images, indices)) };
}

/** What {@link calibrateJob} did; errors are expected calibration errors on the validation part. */
export interface Calibrated {
  readonly run: string;
  readonly temperature: number;
  readonly images: number;
  readonly eceBefore: number;
  readonly eceAfter: number;
  /** Model files whose record holds the temperature now. */
  readonly files: readonly string[];
}

/** What {@link calibrateJob} works on. */
export interface CalibrateOptions {
  /** A finished run with a validation part. */
  readonly run: string;
  readonly cacheDir?: string;
  readonly runtime: Runtime;
}

/**
 * Fits the temperature of a finished run on its validation part and writes it into the records of its models
 * (temperature scaling, Guo et al. 2017). Weights stay as they are.
 *
 * @throws InputError when it is no finished run, or held nothing out
 * @example const { temperature } = await calibrateJob({ run: 'runs/default', runtime: ortNode() });
 */
export async function calibrateJob(options: CalibrateOptions, hooks: JobHooks = {}): Promise<Calibrated> {
  const folder = openRunFolder(options.run, 'calibrate');
  const settings = parseSettings(readArgs(folder), folder.args);
  const model = await loadKeras(folder.best);
  const map = classMapOf(model.origin);
  const { images, indices } = await loadForEvaluation(
    {
      ...{ data: settings.data, split: 'validation', classes: settings.classes, run: settings },
      preprocessing: modelPreprocessing(model),
      ...(map === undefined ? {} : { map }),
      ...(options.cacheDir === undefined ? {} : { cacheDir: options.cacheDir }),
    },
    hooks,
  );
  const set = { ...images, classes: settings.classes };
  const scores = await plainScores(options.runtime, model, set, indices);
  const temperature = fitTemperature(scores);
  const files = [folder.best, folder.last].filter((path) => existsSync(path));
  for (const path of files)
    await saveKeras(path, { ...(await loadKeras(path)), calibration: { temperature } });
  return {
    ...{ run: options.run, temperature, images: indices.length, files },
    eceBefore: eceAt(scores, 1),
    eceAfter: eceAt(scores, temperature),
  };
}

/** Answers without any temperature. */
function plainScores(
  runtime: Runtime,
  model: Model,
  images: ImageSet,
  indices: readonly number[],
): Promise<ImageScores> {
  const { calibration: _calibration, ...parts } = inferenceOf(model);
  return scoreImages(runtime, { ...parts, batchSize: BATCH }, images, indices);
}

function eceAt(scores: ImageScores, temperature: number): number {
  const probabilities = scores.probabilities.slice();
  temper(probabilities, scores.classes.length, temperature);
  return expectedCalibrationError(calibrationBins({ ...scores, probabilities }));
}
