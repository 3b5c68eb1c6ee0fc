import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { InputError, messageOf } from '../core/errors.js';
import { saveKeras } from '../export/keras/archive.js';
import { withRecords, type ModelRecords } from './model-records.js';
import { openAsIs } from './model-source.js';

/** What can be written. */
export const exportFormats: readonly string[] = ['keras'];

/** What {@link exportJob} writes and where. */
export interface ExportOptions extends ModelRecords {
  /** A shipped model's name, a run folder, a `.keras` or `.h5` file. */
  readonly model: string;
  /** One of {@link exportFormats}. */
  readonly format: string;
  /** Folder, made where it is missing. */
  readonly out: string;
  /** Keras: ready for `model.fit`, with Adam and a cross-entropy. */
  readonly compiled?: boolean;
}

/** What was written. */
export interface Exported {
  readonly model: string;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

/**
 * Writes a model in another format.
 *
 * @throws InputError when the model is missing or damaged, the format unknown, or the folder not writable
 * @example await exportJob({ model: 'mien', format: 'keras', out: 'exported' });
 */
export async function exportJob(options: ExportOptions): Promise<Exported> {
  const { format, model: source, out, compiled = false } = options;
  if (!exportFormats.includes(format)) {
    const expected = `one of ${exportFormats.join(', ')}`;
    throw new InputError({ where: '--format', received: `"${format}"`, expected });
  }
  const model = withRecords(await openAsIs(source), options);
  makeFolder(out);
  const path = join(out, 'best_model_float32.keras');
  await saveKeras(path, model, { compiled });
  return { model: source, files: [{ path, bytes: statSync(path).size }] };
}

function makeFolder(out: string): void {
  try {
    mkdirSync(out, { recursive: true });
  } catch (error) {
    const received = `"${messageOf(error)}"`;
    throw new InputError(
      { where: '--out', received, expected: 'a folder that can be written' },
      { cause: error },
    );
  }
}
