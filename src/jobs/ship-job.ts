import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Evaluation } from '../evaluate/evaluation.js';
import { loadKeras } from '../export/keras/archive.js';
import type { JsonObject } from '../layers/json.js';
import type { Model } from '../models/model.js';
import { WEIGHT_RECORDS } from '../models/weights/records.js';
import { portableSettings } from './reproduce/training-record.js';
import { openRunFolder, readArgs } from './run-folder.js';
import { parseSettings, type TrainSettings } from './settings.js';
import { encodeShipped } from './shipped.js';

/** What a shipped model's record says beside what the run knows. */
export interface ShipOptions {
  /** What it was trained on, in words: data set, part, classes. */
  readonly data: string;
  /** Standard deviation of the accuracy over seeds by split, where it was measured: what `mien reproduce` compares by. */
  readonly seedDeviation?: Readonly<Record<string, number>>;
}

/**
 * A run's best model as the package carries it: half precision, with a record of its data, starting weights
 * (checksum and licence), preprocessing, accuracy, seed, and every setting of the training.
 *
 * @throws InputError when the folder is no finished run
 */
export async function shipRun(run: string, { data, seedDeviation = {} }: ShipOptions): Promise<Uint8Array> {
  const folder = openRunFolder(run);
  const settings = parseSettings(readArgs(folder), folder.args);
  const model: Model = await loadKeras(folder.best);
  const training: JsonObject = {
    version: 2,
    data,
    recipe: settings.recipe.name,
    seed: settings.seed,
    // Through JSON, which leaves out what is undefined.
    settings: JSON.parse(JSON.stringify(portableSettings(settings))) as JsonObject,
    accuracy: {
      ...accuracyOf(join(folder.evaluation, 'validation', 'report.json'), seedDeviation),
      ...accuracyOf(join(folder.evaluation, 'report.json'), seedDeviation),
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

function accuracyOf(report: string, deviations: Readonly<Record<string, number>>): JsonObject {
  if (!existsSync(report)) return {};
  const { split, accuracy, macroAccuracy, n } = JSON.parse(readFileSync(report, 'utf8')) as Evaluation;
  const seedDeviation = deviations[split];
  const spread = seedDeviation === undefined ? {} : { seedDeviation };
  return { [split]: { accuracy, macroAccuracy, n, ...spread } };
}
