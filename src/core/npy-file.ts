import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

import { InputError, messageOf } from './errors.js';
import { NPY_BYTES, npyHeader, type NpyType } from './npy.js';
import { sizeOf, type Shape } from './tensor.js';

/**
 * Writes an `.npy` file row by row, so that memory holds one row whatever the file's size. The name shows the old
 * content or the whole new one: rows go to a temporary file beside it.
 *
 * @param shape all axes; the first counts the rows, which are appended in order
 * @throws InputError when the folder is not writable or the disk is full; nothing is left behind
 * @example
 * writeNpyRows('calib.npy', '|u1', [2, 128, 128, 3], [first, second]);
 */
export function writeNpyRows(path: string, dtype: NpyType, shape: Shape, rows: Iterable<Uint8Array>): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    appendRows(temporary, dtype, shape, rows);
    renameSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    if (error instanceof InputError || error instanceof RangeError) throw error;
    throw new InputError(
      {
        where: path,
        received: `"${messageOf(error)}" while writing`,
        expected: 'a writable folder with free space',
        remedy: 'free some space or choose another folder',
      },
      { cause: error },
    );
  }
}

function appendRows(path: string, dtype: NpyType, shape: Shape, rows: Iterable<Uint8Array>): void {
  const [count = 0, ...inner] = shape;
  const bytes = sizeOf(inner) * NPY_BYTES[dtype];
  const file = openSync(path, 'w');
  try {
    writeAll(file, npyHeader(dtype, shape));
    let written = 0;
    for (const row of rows) {
      if (row.length !== bytes) throw new RangeError(`npy: a row of ${row.length} bytes, expected ${bytes}`);
      writeAll(file, row);
      written++;
    }
    if (written !== count) throw new RangeError(`npy: ${written} rows, expected ${count}`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length;) offset += writeSync(file, bytes, offset);
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What went wrong before is the story to tell.
  }
}
