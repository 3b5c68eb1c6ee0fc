import { statSync } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';

import { InputError, messageOf } from '../core/errors.js';
import { imageEndings } from '../data/folder.js';

/** A file that is no readable picture. */
export interface UnreadPicture {
  readonly file: string;
  readonly error: string;
}

/** @throws InputError when there is nothing at a path */
export function checkExists(path: string, expected = 'a picture or a folder'): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  throw new InputError({ where: path, received: 'no such file or folder', expected });
}

/** Paths of pictures; a folder that cannot be read gives its error instead. */
export async function* filesIn(paths: readonly string[]): AsyncGenerator<string | UnreadPicture> {
  for (const path of paths) {
    if ((await stat(path)).isDirectory()) yield* walk(path);
    else yield path;
  }
}

async function* walk(folder: string): AsyncGenerator<string | UnreadPicture> {
  try {
    for await (const entry of await opendir(folder)) {
      const path = join(folder, entry.name);
      // Links to folders are not followed: they may lead back here.
      if (entry.isDirectory()) yield* walk(path);
      else if (isPictureName(entry.name)) yield path;
    }
  } catch (error) {
    yield { file: folder, error: `"${messageOf(error)}" while reading the folder` };
  }
}

function isPictureName(name: string): boolean {
  return !name.startsWith('.') && imageEndings.includes(extname(name).toLowerCase());
}
