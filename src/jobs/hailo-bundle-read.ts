import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { InputError } from '../core/errors.js';
import { HAILO_ARCHITECTURES } from '../export/hailo/bundle/architectures.js';
import { parseChecksums } from '../export/hailo/bundle/checksums.js';
import { BUNDLE_FILES, BUNDLE_VERSION, type BundleManifest } from '../export/hailo/bundle/manifest.js';
import { parseJson } from '../export/keras/mien-record.js';
import { checkField, choice, number, record, whole, type Field } from './fields.js';
import { sha256Of } from './sha256.js';

/** A bundle on disk whose files are what they were when it was made. */
export interface OpenBundle {
  readonly folder: string;
  readonly manifest: BundleManifest;
  /** SHA-256 of every file by its path inside. */
  readonly digests: Readonly<Record<string, string>>;
  /** Model scripts that were changed by hand since. */
  readonly edited: readonly string[];
}

const text: Field = { kind: 'text' };
const texts: Field = { kind: 'list', of: text };
const nodes = record({ start: text, end: text }, ['start', 'end']);

const FIELDS = {
  format: choice('mien-hailo-bundle'),
  version: whole(BUNDLE_VERSION, BUNDLE_VERSION),
  name: text,
  architecture: choice(...HAILO_ARCHITECTURES),
  input: { kind: 'list', of: whole(1), length: 3 } as const,
  classes: texts,
  nodes: record({ onnx: nodes, tflite: nodes }, ['onnx', 'tflite']),
  script: record(
    {
      ...{ optimizationLevel: whole(0, 4), compressionLevel: whole(0, 5), batchSize: whole(1) },
      finetune: { kind: 'boolean' },
    },
    ['optimizationLevel', 'compressionLevel', 'batchSize', 'finetune'],
  ),
  a16w16: texts,
  check: record({ images: whole(0), split: text, accuracy: number(0, 1) }, ['images', 'split', 'accuracy']),
} as const satisfies Record<string, Field>;

/** Files that a person may edit. */
const SCRIPTS: readonly string[] = [BUNDLE_FILES.script, BUNDLE_FILES.fallbackScript];

/**
 * Opens a bundle and verifies its checksums; the model scripts may have been edited.
 * @throws InputError when it is none, a file is missing or changed, or a newer Mien made it
 */
export function openBundle(folder: string): OpenBundle {
  const sums = join(folder, BUNDLE_FILES.checksums);
  if (!existsSync(sums)) throw noBundle(folder);
  const digests: Record<string, string> = {};
  const edited: string[] = [];
  for (const [file, expected] of parseChecksums(sums, readFileSync(sums, 'utf8'))) {
    digests[file] = digestOf(folder, file);
    if (digests[file] === expected) continue;
    if (!SCRIPTS.includes(file)) throw changed(folder, file);
    edited.push(file);
  }
  const missing = Object.values(BUNDLE_FILES).find(
    (file) => file !== BUNDLE_FILES.checksums && digests[file] === undefined,
  );
  if (missing !== undefined) throw changed(folder, missing);
  return { folder, manifest: readManifest(join(folder, BUNDLE_FILES.manifest)), digests, edited };
}

function readManifest(path: string): BundleManifest {
  const json = parseJson(path, readFileSync(path, 'utf8'));
  for (const [name, field] of Object.entries(FIELDS)) {
    const value = (json as Readonly<Record<string, unknown>> | null)?.[name];
    checkField(`${path}: ${name}`, value, field);
  }
  return json as unknown as BundleManifest;
}

function digestOf(folder: string, file: string): string {
  const path = join(folder, file);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) throw changed(folder, file);
  return sha256Of(path);
}

function noBundle(folder: string): InputError {
  return new InputError({
    where: folder,
    received: existsSync(folder) ? `a folder without ${BUNDLE_FILES.checksums}` : 'no such folder',
    expected: 'a bundle',
    remedy: 'make one with "mien hailo bundle"',
  });
}

function changed(folder: string, file: string): InputError {
  return new InputError({
    where: join(folder, file),
    received: 'a file that is missing or was changed after the bundle was made',
    expected: `the content whose checksum stands in ${BUNDLE_FILES.checksums}`,
    remedy: 'make the bundle again',
  });
}
