import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Evaluation } from '../evaluate/evaluation.js';
import { loadKeras } from '../export/keras/archive.js';
import type { JsonObject } from '../layers/json.js';
import type { Model } from '../models/model.js';
import { WEIGHT_RECORDS } from '../models/weights/records.js';
import { openRunFolder, readArgs } from './run-folder.js';
import { parseSettings, type TrainSettings } from './settings.js';
import { encodeShipped } from './shipped.js';

/** What a shipped model's record says beside what the run knows. */
export interface ShipOptions {
  /** What it was trained on, in words: data set, part, classes. */
  readonly data: string;
}

/**
 * A run's best model as the package carries it: half precision, with a record of its data, starting weights
 * (checksum and licence), preprocessing, accuracy and seed.
 *
 * @throws InputError when the folder is no finished run
 */
export async function shipRun(run: string, { data }: ShipOptions): Promise<Uint8Array> {
  const folder = openRunFolder(run);
  const settings = parseSettings(readArgs(folder), folder.args);
  const model: Model = await loadKeras(folder.best);
  const training = {
    data,
    recipe: settings.recipe.name,
    seed: settings.seed,
    accuracy: {
      ...accuracyOf(join(folder.evaluation, 'validation', 'report.json')),
      ...accuracyOf(join(folder.evaluation, 'report.json')),
    },
  };
  return encodeShipped({ ...model, origin: { ...model.origin, ...startOf(settings), training } });
}

/** Checksum of the file that the training started from. */
function startOf({ model, weights }: TrainSettings): JsonObject {
  const record = WEIGHT_RECORDS.find((known) => known.model === model && known.name === weights);
  return record === undefined
    ? {}
    : { startChecksum: `${record.checksum.algorithm}:${record.checksum.digest}` };
}

function accuracyOf(report: string): JsonObject {
  if (!existsSync(report)) return {};
  const { split, accuracy, macroAccuracy, n } = JSON.parse(readFileSync(report, 'utf8')) as Evaluation;
  return { [split]: { accuracy, macroAccuracy, n } };
}
