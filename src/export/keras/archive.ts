import { readFileSync } from 'node:fs';

import { InputError, messageOf } from '../../core/errors.js';
import { writeFileAtomic } from '../../core/files.js';
import { checkWeights, type Model } from '../../models/model.js';
import { parseJson, readMienRecord, writeMienRecord } from './mien-record.js';
import { compileConfig, writeOptimizer } from './compile.js';
import { isHdf5, readLegacyModel } from './legacy-model.js';
import { readConfig } from './read-config.js';
import { readWeights, writeWeights } from './weights-h5.js';
import { writeConfig } from './write-config.js';
import { unzip, zip } from './zip.js';

/** Most bytes of each file in an archive. */
const LIMITS = {
  'config.json': 2 ** 26,
  'metadata.json': 2 ** 20,
  'model.weights.h5': 2 ** 30,
  'mien.json': 2 ** 22,
} as const;

/** The Keras version whose layout is written. */
const KERAS_VERSION = '3.15.1';

/** Options of {@link writeKeras}. */
export interface WriteKerasOptions {
  /** Written into `metadata.json`; now by default. */
  readonly date?: Date;
  /** Ready for Keras's `model.fit`, with Adam and a cross-entropy; default false. */
  readonly compiled?: boolean;
}

/**
 * A `.keras` archive that Keras 3 opens without custom objects: core layers, uncompiled unless asked. Preprocessing, classes
 * and origin ride along in `mien.json`, which Keras ignores.
 *
 * @throws InputError when the model lacks a weight
 */
export async function writeKeras(model: Model, options: WriteKerasOptions = {}): Promise<Uint8Array> {
  checkWeights(model.graph, model.weights);
  const metadata = { keras_version: KERAS_VERSION, date_saved: dateText(options.date) };
  const encoder = new TextEncoder();
  return zip(
    new Map([
      ['metadata.json', encoder.encode(JSON.stringify(metadata))],
      [
        'config.json',
        encoder.encode(
          JSON.stringify(
            writeConfig(model.graph, options.compiled === true ? compileConfig(model.graph) : {}),
          ),
        ),
      ],
      [
        'model.weights.h5',
        await writeWeights(
          model.graph,
          model.weights,
          options.compiled === true ? writeOptimizer : undefined,
        ),
      ],
      ['mien.json', encoder.encode(writeMienRecord(model))],
    ]),
  );
}

/** Options of {@link readKeras}. */
export interface ReadKerasOptions {
  /** [height, width, channels] for models whose configuration leaves the input size open. */
  readonly inputShape?: readonly number[];
}

/**
 * Reads a model that Keras saved, functional or sequential, of supported layers: a `.keras` archive (Keras 3)
 * or a whole model in the legacy `.h5` format.
 *
 * @param where the file's name, for messages
 * @throws InputError when the archive is damaged or hostile, or naming a layer that is not supported
 */
export async function readKeras(
  bytes: Uint8Array,
  where: string,
  options: ReadKerasOptions = {},
): Promise<Model> {
  if (isHdf5(bytes)) return readLegacyModel(bytes, where, options);
  if (!isZip(bytes)) throw foreign(where);
  const files = unzip(where, bytes, LIMITS);
  const config = parseJson(`${where} config.json`, text(required(where, files, 'config.json')));
  const { graph, paths } = readConfig(where, config, options.inputShape);
  const weights = await readWeights(where, required(where, files, 'model.weights.h5'), graph, paths);
  const record = files.get('mien.json');
  return { graph, weights, ...readMienRecord(where, record === undefined ? undefined : text(record)) };
}

/** Writes a `.keras` file atomically. @throws InputError when the folder is not writable */
export async function saveKeras(path: string, model: Model, options?: WriteKerasOptions): Promise<void> {
  writeFileAtomic(path, await writeKeras(model, options));
}

/** Reads a `.keras` or `.h5` file. @throws InputError */
export async function loadKeras(path: string, options?: ReadKerasOptions): Promise<Model> {
  return readKeras(readBytes(path), path, options);
}

/** Whether bytes begin as a zip archive does: `PK`. */
function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

function foreign(where: string): InputError {
  return new InputError({
    where,
    received: 'a file that begins neither as a zip archive nor as HDF5',
    expected: 'a .keras archive or a whole model in .h5',
  });
}

function required(where: string, files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const file = files.get(name);
  if (file !== undefined) return file;
  throw new InputError({ where, received: `an archive without ${name}`, expected: 'a .keras archive' });
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new InputError(
      { where: path, received: `"${messageOf(error)}"`, expected: 'a readable .keras or .h5 file' },
      { cause: error },
    );
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Keras's `2026-01-31@23:59:59`. */
function dateText(date = new Date()): string {
  return date.toISOString().slice(0, 19).replace('T', '@');
}
