import { existsSync, readFileSync } from 'node:fs';

import { InputError } from '../core/errors.js';
import { groupDigits } from '../evaluate/table.js';
import { parseJson } from '../export/keras/mien-record.js';
import {
  calibrationRecord,
  readCalibrationRecord,
  type CalibrationRecord,
} from '../export/quantize/calibration-record.js';
import type { Runtime } from '../runtime/session.js';
import type { JobHooks } from './events.js';
import { openModel } from './model-source.js';
import { packageFile } from './package.js';
import { CALIBRATION_IMAGES, loadQuantizeData } from './quantize-data.js';
import { quantizeOn } from './quantize-for.js';
import { sha256Of } from './sha256.js';

/** Options of {@link shipRanges}. */
export interface ShipRangesOptions {
  /** Data root or CSV file that the model was trained on. */
  readonly data: string;
  /** What that is, in words: data set and part. */
  readonly about: string;
  /** Training pictures, by default 1,024. */
  readonly images?: number;
  readonly seed?: number;
}

/**
 * Calibrates a shipped model for eight bits: the text of its record, `assets/NAME.int8.json`.
 *
 * @throws InputError when the pictures do not do
 * @example writeFileAtomic('assets/mien.int8.json', await shipRanges('mien', { data, about: 'FER2013 train' }, ortNode()));
 */
export async function shipRanges(
  name: string,
  { data, about, images = CALIBRATION_IMAGES, seed = 1 }: ShipRangesOptions,
  runtime: Runtime,
  hooks: JobHooks = {},
): Promise<string> {
  const model = await openModel(name);
  const pictures = await loadQuantizeData(model, { data, images, seed, remedy: 'add pictures' }, hooks);
  const result = await quantizeOn(model, pictures, {}, { runtime, hooks });
  const source = `${groupDigits(pictures.calibration.length)} training pictures of ${about}, seed ${seed}`;
  const record = calibrationRecord(result, { weights: weightsOf(name), source });
  return `${JSON.stringify(record)}\n`;
}

/**
 * A shipped model's ranges; undefined where it has none.
 * @throws InputError when they are damaged or belong to other weights
 */
export function shippedRanges(name: string): CalibrationRecord | undefined {
  const path = packageFile('assets', `${name}.int8.json`);
  if (!existsSync(path)) return undefined;
  const record = readCalibrationRecord(path, parseJson(path, readFileSync(path, 'utf8')));
  checkBelongs(path, record, weightsOf(name));
  return record;
}

/** @throws InputError unless a record was made for the weights of this checksum */
export function checkBelongs(
  where: string,
  record: Pick<CalibrationRecord, 'weights'>,
  weights: string,
): void {
  if (record.weights === weights) return;
  throw new InputError({
    where,
    received: 'ranges for other weights than those that are shipped',
    expected: 'those that belong to them',
    remedy: 'give --data, or install the package again',
  });
}

function weightsOf(name: string): string {
  return sha256Of(packageFile('assets', `${name}.safetensors`));
}
