import { statSync } from 'node:fs';

import { checkInteger } from '../core/checks.js';
import { InputError, messageOf } from '../core/errors.js';
import { type CachedImages, cachePath, readCache, writeCache } from './cache.js';
import { hashFile } from './hash-file.js';
import { type Rejected, readCsv, usagesOf } from './csv.js';
import type { Usage } from './csv-row.js';
import { toColour } from './decode.js';
import { listFolder } from './folder.js';
import { type ImageSet, type Split, defaultClasses, imageAt, imageCount } from './images.js';
import { decodeFiles } from './load-files.js';
import { resizeImage } from './resize.js';

/** What {@link loadImages} reads and how. */
export interface LoadOptions {
  /** A folder with `train/` or `test/`, or a file like `fer2013.csv`. */
  readonly data: string;
  readonly split: Split;
  /** Any subset of the classes in any order; default {@link defaultClasses}. */
  readonly classes?: readonly string[];
  /** [height, width] in pixels that every picture is brought to (antialiased bicubic). */
  readonly sourceSize: readonly [number, number];
  /** `grey` gives one channel (luma), `rgb` three. */
  readonly colour: 'grey' | 'rgb';
  /** Folder for the decoded pictures; without it nothing is kept. */
  readonly cacheDir?: string;
  /** What to do with a picture file that cannot be decoded; default `fail`. Rows of a CSV file are skipped. */
  readonly onCorrupt?: 'fail' | 'skip';
  /** CSV only: values of the Usage column to take; default Training, or both halves of the test set. */
  readonly usages?: readonly Usage[];
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** How far loading has come. */
export interface LoadProgress {
  readonly done: number;
  readonly total: number;
  readonly unit: 'images' | 'bytes';
}

/** What {@link loadImages} found. */
export interface LoadedImages extends CachedImages {
  /** Everything that was left out, by name. */
  readonly rejected: readonly Rejected[];
  /** Picture files of these classes, or all rows of the CSV file. */
  readonly found: number;
  readonly cache: CacheUse;
}

/** `read`: nothing was decoded; `not written`: the folder refused, with the reason; `off`: no folder given. */
export type CacheUse =
  | { readonly state: 'off' }
  | { readonly state: 'read' | 'written'; readonly path: string }
  | { readonly state: 'not written'; readonly path: string; readonly reason: string };

/** A kind of data set: what identifies its content, and how it is read. */
interface Source {
  readonly fingerprint: () => readonly string[];
  readonly read: () => Promise<CachedImages>;
}

/** Options with every default filled in. */
type Settings = LoadOptions & Required<Pick<LoadOptions, 'classes' | 'onCorrupt' | 'usages'>>;

/**
 * Loads one split of a data set into memory: uint8 `[image, row, column, channel]`.
 *
 * With `cacheDir` the decoded pictures are kept in one file under a name made of every picture's name and
 * content and of the options, so the next call decodes nothing; a damaged cache file is made anew.
 *
 * @throws InputError when the data is missing, a class is empty or unknown, or (unless `onCorrupt` is `skip`)
 *   a picture cannot be decoded.
 *
 * @example
 * const { images } = await loadImages({
 *   data: 'fer2013', split: 'train', sourceSize: [48, 48], colour: 'grey', cacheDir: '.cache',
 * });
 */
export async function loadImages(options: LoadOptions): Promise<LoadedImages> {
  const { classes = defaultClasses, onCorrupt = 'fail', usages = usagesOf(options.split) } = options;
  const settings: Settings = { ...options, classes, onCorrupt, usages };
  for (const side of settings.sourceSize) checkInteger('sourceSize', side, 1);
  const source = isCsv(settings.data) ? csvSource(settings) : folderSource(settings);
  if (settings.cacheDir === undefined) return { ...(await source.read()), cache: { state: 'off' } };
  const path = cachePath(settings.cacheDir, [...settingParts(settings), ...source.fingerprint()]);
  const cached = readCache(path);
  if (cached !== undefined) return { ...cached, cache: { state: 'read', path } };
  const loaded = await source.read();
  return { ...loaded, cache: keep(path, loaded) };
}

/** Whether data is a CSV file rather than a folder; by the ending where there is nothing. */
export function isCsv(data: string): boolean {
  const stats = statSync(data, { throwIfNoEntry: false });
  return stats === undefined ? data.toLowerCase().endsWith('.csv') : stats.isFile();
}

function settingParts({ split, classes, sourceSize, colour, onCorrupt, usages }: Settings): string[] {
  return [JSON.stringify({ split, classes, sourceSize, colour, onCorrupt, usages })];
}

function folderSource(settings: Settings): Source {
  const { data: root, split, classes } = settings;
  const files = listFolder({ root, split, classes });
  return {
    fingerprint: () => files.map(({ name, path }) => `${name}\n${hashFile(path)}`),
    read: () => decodeFiles(files, settings),
  };
}

function csvSource(settings: Settings): Source {
  const { data: path, onProgress, sourceSize, colour } = settings;
  const stats = statSync(path, { throwIfNoEntry: false });
  const total = stats?.size ?? 0;
  const report = onProgress && {
    onProgress: (done: number) => onProgress({ done, total, unit: 'bytes' as const }),
  };
  return {
    fingerprint: () => ['csv', stats === undefined ? '' : hashFile(path)],
    read: async () => {
      const { split, classes, usages } = settings;
      const { images, rows, rejected } = await readCsv({ path, split, classes, usages, ...report });
      return { images: convertSet(images, sourceSize, colour), found: rows, rejected };
    },
  };
}

/** Resizes and recolours every picture of a set. */
function convertSet(
  set: ImageSet,
  [height, width]: readonly [number, number],
  colour: 'grey' | 'rgb',
): ImageSet {
  const channels = colour === 'grey' ? 1 : 3;
  if (set.height === height && set.width === width && set.channels === channels) return set;
  const size = height * width * channels;
  const pixels = new Uint8Array(imageCount(set) * size);
  for (let index = 0; index < imageCount(set); index++) {
    pixels.set(resizeImage(toColour(imageAt(set, index), colour), height, width).pixels, index * size);
  }
  return { ...set, height, width, channels, pixels };
}

/** Writes the cache; a folder that refuses is reported, not fatal: the pictures are in memory. */
function keep(path: string, loaded: CachedImages): CacheUse {
  try {
    writeCache(path, loaded);
    return { state: 'written', path };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { state: 'not written', path, reason: messageOf(error) };
  }
}
