import { readFile } from 'node:fs/promises';

import { InputError, messageOf } from '../core/errors.js';
import type { CachedImages } from './cache.js';
import type { Rejected } from './csv.js';
import { decodeImage, toColour } from './decode.js';
import type { ImageFile } from './folder.js';
import { type ImageSet, subset } from './images.js';
import { resizeImage } from './resize.js';

/** How {@link decodeFiles} treats the pictures. */
export interface FileOptions {
  readonly classes: readonly string[];
  readonly sourceSize: readonly [number, number];
  readonly colour: 'grey' | 'rgb';
  readonly onCorrupt: 'fail' | 'skip';
  readonly onProgress?: (progress: { done: number; total: number; unit: 'images' }) => void;
}

/** Pictures decoded at the same time: enough to keep sharp's thread pool busy, little in memory. */
const inFlight = 4;

/**
 * Decodes, recolours and resizes picture files into one block; their order is kept.
 * @throws InputError naming the first file that cannot be read, unless `onCorrupt` is `skip`, or when no
 *   picture of a class is left.
 */
export async function decodeFiles(files: readonly ImageFile[], options: FileOptions): Promise<CachedImages> {
  const set = emptySet(files, options);
  const size = set.height * set.width * set.channels;
  const rejected = new Map<number, Rejected>();
  let done = 0;
  await forEachInFlight(files, async (file, index) => {
    const pixels = await pixelsOf(file, options);
    if (pixels instanceof InputError) rejected.set(index, reject(file, pixels, options));
    else set.pixels.set(pixels, index * size);
    options.onProgress?.({ done: ++done, total: files.length, unit: 'images' });
  });
  const images = rejected.size === 0 ? set : without(set, rejected);
  // Decoding ends out of order; the report follows the list.
  return { images, found: files.length, rejected: files.flatMap((_, index) => rejected.get(index) ?? []) };
}

function emptySet(files: readonly ImageFile[], { classes, sourceSize, colour }: FileOptions): ImageSet {
  const [height, width] = sourceSize;
  const channels = colour === 'grey' ? 1 : 3;
  return {
    classes,
    height,
    width,
    channels,
    pixels: new Uint8Array(files.length * height * width * channels),
    labels: Int32Array.from(files, ({ label }) => label),
    names: files.map(({ name }) => name),
  };
}

/** The pixels of one file, or the error that says why there are none. */
async function pixelsOf(file: ImageFile, options: FileOptions): Promise<Uint8Array | InputError> {
  const [height, width] = options.sourceSize;
  try {
    const picture = await decodeImage(await readFile(file.path), file.path);
    return resizeImage(toColour(picture, options.colour), height, width).pixels;
  } catch (error) {
    if (error instanceof InputError) return error;
    const received = `"${messageOf(error)}" while reading`;
    return new InputError({ where: file.path, received, expected: 'a readable file' }, { cause: error });
  }
}

function reject({ name }: ImageFile, error: InputError, { onCorrupt }: FileOptions): Rejected {
  if (onCorrupt === 'fail') throw error;
  return { name, reason: error.problem.received };
}

function without(set: ImageSet, rejected: ReadonlyMap<number, Rejected>): ImageSet {
  const kept = subset(
    set,
    Array.from(set.labels.keys()).filter((index) => !rejected.has(index)),
  );
  const empty = set.classes.filter((_, label) => !kept.labels.includes(label));
  if (empty.length === 0) return kept;
  const [first] = rejected.values();
  throw new InputError({
    where: empty.join(', '),
    received: `no picture that decodes (${first?.name ?? ''}: ${first?.reason ?? ''})`,
    expected: 'at least one readable picture per class',
    remedy: 'replace the files or leave the class out',
  });
}

/** Runs `work` on every item, a few at a time; after the first failure no further item is begun. */
async function forEachInFlight<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return;
      await work(item, index).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}
