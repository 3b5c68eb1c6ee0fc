import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

import { InputError, messageOf } from './errors.js';

/**
 * Writes a file so that readers see the old content or the new one, never a part:
 * temporary file beside it, fsync, rename.
 *
 * @throws InputError when the folder is not writable or the disk is full; the old file stays.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeAndSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
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

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What went wrong before is the story to tell.
  }
}

function writeAndSync(path: string, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  const file = openSync(path, 'w');
  try {
    for (let offset = 0; offset < bytes.length;) offset += writeSync(file, bytes, offset);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
