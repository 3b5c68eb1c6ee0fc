import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { InputError } from '../core/errors.js';
import { decodeNpy } from '../core/npy.js';
import { checkLogits, type CheckOutcome } from '../export/hailo/bundle/check.js';
import { BUNDLE_FILES, type CheckRecord } from '../export/hailo/bundle/manifest.js';
import { parseJson } from '../export/keras/mien-record.js';
import type { Json } from '../layers/json.js';
import { isJsonObject } from '../layers/json.js';
import type { OpenBundle } from './hailo-bundle-read.js';

/** The emulator's answers, in the results' folder. */
export const EMULATED = 'check_logits.json';

/**
 * Compares the emulator's answers with the bundle's float logits and labels.
 * @throws InputError when the emulator's file is not what `check.py` writes
 */
export function readCheck({
  bundle,
  out,
}: {
  readonly bundle: OpenBundle;
  readonly out: string;
}): CheckOutcome {
  const path = (file: string) => join(bundle.folder, file);
  const { labels, classes } = JSON.parse(readFileSync(path(BUNDLE_FILES.check), 'utf8')) as CheckRecord;
  const float = decodeNpy(readFileSync(path(BUNDLE_FILES.checkLogits)), path(BUNDLE_FILES.checkLogits));
  const where = join(out, EMULATED);
  const json = parseJson(where, readFileSync(where, 'utf8'));
  const size = [labels.length, classes.length] as const;
  const logits = (context: string) =>
    matrix(`${where}: ${context}`, isJsonObject(json) ? json[context] : undefined, size);
  return checkLogits({
    ...{ labels, classes: classes.length, float: Float32Array.from(float.data) },
    ...{ emulated: logits('SDK_FP_OPTIMIZED'), quantized: logits('SDK_QUANTIZED') },
  });
}

function matrix(
  where: string,
  json: Json | undefined,
  [rows, columns]: readonly [number, number],
): Float32Array {
  const lists = Array.isArray(json) ? (json as readonly Json[]) : [];
  const fits = (list: Json) =>
    Array.isArray(list) && list.length === columns && list.every((value) => typeof value === 'number');
  if (lists.length === rows && lists.every(fits)) return Float32Array.from((lists as number[][]).flat());
  const first = Array.isArray(lists[0]) ? lists[0].length : 0;
  throw new InputError({
    where,
    received: `${lists.length} rows of ${first} values`,
    expected: `${rows} rows of ${columns} finite logits`,
    remedy: 'check the end node of the model',
  });
}
