import { statSync } from 'node:fs';
import { opendir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';

import { InputError, messageOf } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { decodeImage } from '../data/decode.js';
import { imageEndings } from '../data/folder.js';
import { facePlanes } from '../predict/planes.js';

/** A picture as a network takes it. */
export interface ReadPicture {
  readonly file: string;
  /** `[C, h, w]`, pixels 0..255, at the source size of the preprocessing record. */
  readonly planes: Float32Array;
  /** Time of reading, decoding and resizing. */
  readonly milliseconds: number;
}

/** A file that is no readable picture. */
export interface UnreadPicture {
  readonly file: string;
  readonly error: string;
}

/** Pictures decoded at the same time: enough for sharp's threads; a photograph takes some 50 MB meanwhile. */
const inFlight = 4;

/**
 * Reads files and the pictures in folders, in the order in which they are found, a few ahead.
 * @throws InputError when one of `paths` does not exist
 */
export async function* readPictures(
  paths: readonly string[],
  preprocessing: Preprocessing,
): AsyncGenerator<ReadPicture | UnreadPicture, void, undefined> {
  // All paths are looked at first: a typing error should not show after an hour of work.
  for (const path of paths) checkExists(path);
  const waiting: Promise<ReadPicture | UnreadPicture>[] = [];
  for await (const found of filesIn(paths)) {
    waiting.push(typeof found === 'string' ? readPicture(found, preprocessing) : Promise.resolve(found));
    const first = waiting.length < inFlight ? undefined : waiting.shift();
    if (first !== undefined) yield await first;
  }
  for (const picture of waiting) yield await picture;
}

function checkExists(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  throw new InputError({
    where: path,
    received: 'no such file or folder',
    expected: 'a picture or a folder',
  });
}

/** Paths of pictures; a folder that cannot be read gives its error instead. */
async function* filesIn(paths: readonly string[]): AsyncGenerator<string | UnreadPicture> {
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

/** Decode, colour, resize: the same steps as for training pictures. */
async function readPicture(file: string, preprocessing: Preprocessing): Promise<ReadPicture | UnreadPicture> {
  const started = performance.now();
  try {
    const decoded = await decodeImage(await readFile(file), file);
    const planes = facePlanes(decoded, preprocessing);
    return { file, planes, milliseconds: performance.now() - started };
  } catch (error) {
    const text = error instanceof InputError ? error.message : `${file}: ${messageOf(error)}`;
    return { file, error: text };
  }
}
