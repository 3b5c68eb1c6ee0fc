import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { InputError, messageOf } from '../../core/errors.js';
import type { LayerGraph } from '../layer-graph.js';
import type { Weights } from '../model.js';
import { checkDigest, downloadWeights, type DownloadOptions } from './download.js';
import { readLayoutFile } from './layout-file.js';
import type { WeightRecord } from './records.js';

/** Where to look for weight files. */
export interface WeightSearch extends DownloadOptions {
  /** This very file, whatever its name; its digest is not checked. */
  readonly file?: string;
  /** Folder that may hold the record's file. */
  readonly folder?: string;
  /** The user's own cache, where downloads go. */
  readonly cacheFolder?: string;
  /** Whether a missing file may be downloaded; by default it may, where the record has an address. */
  readonly download?: boolean;
}

/**
 * Finds a record's file: the given file, the folder, the cache, the download, in this order.
 * @returns its path
 * @throws InputError saying where was searched and what to do
 */
export async function findWeightFile(record: WeightRecord, search: WeightSearch): Promise<string> {
  if (search.file !== undefined) return search.file;
  const places = [search.folder, search.cacheFolder].filter((place) => place !== undefined);
  const found = places.map((place) => join(place, record.fileName)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  const { url } = record;
  const target = search.cacheFolder ?? search.folder;
  if (url === undefined || target === undefined || search.download === false) throw notFound(record, places);
  const path = join(target, record.fileName);
  await downloadWeights({ ...record, url }, path, search);
  return path;
}

/**
 * Loads a record's weights into the layers of its net.
 *
 * @returns values in Keras layout for every weight of `graph`
 * @throws InputError when the file is missing, damaged, or belongs to another net
 * @example
 * const record = findRecord('mobileNetV3Small', 'torchvision');
 * const backbone = mobileNetV3Small({ inputShape: [128, 128, 3], weights: record });
 * const weights = await loadWeights(backbone, record, { folder: 'weights' });
 */
export async function loadWeights(
  graph: LayerGraph,
  record: WeightRecord,
  search: WeightSearch,
): Promise<Weights> {
  const path = await findWeightFile(record, search);
  const bytes = readBytes(path);
  if (search.file === undefined) checkDigest(path, bytes, record.checksum);
  return readLayoutFile(graph, bytes, path);
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const received = `"${messageOf(error)}"`;
    throw new InputError({ where: path, received, expected: 'a readable file of weights' }, { cause: error });
  }
}

function notFound(record: WeightRecord, places: readonly string[]): InputError {
  const searched = places.length === 0 ? 'no folder to search' : `no such file in ${places.join(' or ')}`;
  return new InputError({
    where: `weights "${record.name}" of ${record.model}`,
    received: searched,
    expected: `the file ${record.fileName}`,
    remedy: 'name the folder that holds it, or the file itself',
  });
}
