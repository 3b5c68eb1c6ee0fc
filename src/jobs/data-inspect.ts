import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

import sharp from 'sharp';

import { InputError } from '../core/errors.js';
import { fer2013Side } from '../data/csv.js';
import { decodeImage } from '../data/decode.js';
import { imageEndings, listClasses } from '../data/folder.js';
import type { Split } from '../data/images.js';
import { isCsv } from '../data/load.js';
import { textTable } from '../data/sampling.js';
import { countCsv } from './data-inspect-csv.js';
import { classesOf, splitsOf } from './data-job.js';

/** One half of a data set, counted. */
export interface SplitCounts {
  readonly images: number;
  readonly perClass: Readonly<Record<string, number>>;
}

/** Sizes of pictures, `[width, height]` in pixels. */
export interface PictureSizes {
  /** Pictures whose header was read. */
  readonly sampled: number;
  readonly unreadable: number;
  readonly smallest: readonly [number, number] | null;
  readonly largest: readonly [number, number] | null;
  /** Share of the sampled pictures in [0, 1] that have the commonest size. */
  readonly commonest: { readonly size: readonly [number, number]; readonly share: number } | null;
}

/** What {@link inspectData} found, ready for JSON. */
export interface Inspection {
  readonly version: 1;
  readonly data: string;
  readonly kind: 'folder' | 'csv';
  readonly classes: readonly string[];
  readonly splits: Readonly<Partial<Record<Split, SplitCounts>>>;
  /** Files by ending; rows for a CSV file. */
  readonly files: Readonly<Record<string, number>>;
  readonly sizes: PictureSizes;
}

/** Headers read per class and split. */
const SAMPLE = 20;

/**
 * Counts the pictures of a data set per class and split, and looks at the sizes of some. Nothing is decoded,
 * and empty classes are counted, not refused.
 *
 * @throws InputError when the data is missing
 * @example console.log(formatInspection(await inspectData('fer2013')));
 */
export async function inspectData(data: string): Promise<Inspection> {
  return isCsv(data) ? inspectCsv(data) : inspectFolder(data);
}

/** An inspection as text: a table of class sizes, then sizes and kinds of files. */
export function formatInspection({ classes, splits, files, sizes }: Inspection): string {
  const columns = [['class', ...classes, 'all']];
  for (const [split, counts] of Object.entries(splits)) {
    columns.push([
      split,
      ...classes.map((name) => String(counts.perClass[name] ?? '-')),
      String(counts.images),
    ]);
  }
  const kinds = Object.entries(files).map(([ending, count]) => `${count} ${ending}`);
  return [textTable(columns), '', `files: ${kinds.join(', ')}`, ...sizeLines(sizes)].join('\n');
}

async function inspectCsv(data: string): Promise<Inspection> {
  const { rows, unreadable, perClass } = await countCsv(data);
  const size = [fer2013Side, fer2013Side] as const;
  return {
    version: 1,
    data,
    kind: 'csv',
    classes: classesOf(data),
    splits: { train: counted(perClass.train), test: counted(perClass.test) },
    files: { rows },
    sizes: { sampled: rows, unreadable, smallest: size, largest: size, commonest: { size, share: 1 } },
  };
}

function counted(perClass: Readonly<Record<string, number>>): SplitCounts {
  return { images: Object.values(perClass).reduce((a, b) => a + b, 0), perClass };
}

async function inspectFolder(data: string): Promise<Inspection> {
  const classes = classesOf(data);
  const splits: Partial<Record<Split, SplitCounts>> = {};
  const files: Record<string, number> = {};
  const sample: string[] = [];
  for (const split of splitsOf(data)) {
    const perClass: Record<string, number> = {};
    for (const name of listClasses(data, split)) {
      const pictures = picturesIn(join(data, split, name));
      perClass[name] = pictures.length;
      for (const path of pictures) {
        const ending = extname(path).slice(1).toLowerCase();
        files[ending] = (files[ending] ?? 0) + 1;
      }
      sample.push(...spread(pictures, SAMPLE));
    }
    splits[split] = counted(perClass);
  }
  if (Object.keys(files).length === 0) throw empty(data);
  return { version: 1, data, kind: 'folder', classes, splits, files, sizes: await sizesOf(sample) };
}

function picturesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.') && imageEndings.includes(extname(name).toLowerCase()))
    .sort()
    .map((name) => join(folder, name));
}

/** At most `count` items, evenly over the list. */
function spread<T>(items: readonly T[], count: number): T[] {
  const step = Math.max(1, items.length / count);
  return items.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
}

async function sizesOf(paths: readonly string[]): Promise<PictureSizes> {
  const sizes: (readonly [number, number])[] = [];
  for (const path of paths) {
    const size = await sizeOf(path);
    if (size !== undefined) sizes.push(size);
  }
  const byArea = [...sizes].sort((a, b) => a[0] * a[1] - b[0] * b[1]);
  return {
    sampled: paths.length,
    unreadable: paths.length - sizes.length,
    smallest: byArea[0] ?? null,
    largest: byArea.at(-1) ?? null,
    commonest: commonestOf(sizes),
  };
}

async function sizeOf(path: string): Promise<readonly [number, number] | undefined> {
  try {
    // sharp's prebuilt binary does not know BMP, whose decoder is quick.
    const isBmp = extname(path).toLowerCase() === '.bmp';
    const { width, height } = isBmp
      ? await decodeImage(readFileSync(path), path)
      : await sharp(path).metadata();
    return [width, height];
  } catch {
    // What cannot be read is counted; training names the file and the reason.
    return undefined;
  }
}

function commonestOf(sizes: readonly (readonly [number, number])[]): PictureSizes['commonest'] {
  const counts = new Map<string, number>();
  for (const size of sizes) counts.set(size.join('x'), (counts.get(size.join('x')) ?? 0) + 1);
  const [first] = [...counts].sort((a, b) => b[1] - a[1]);
  if (first === undefined) return null;
  const [width = 0, height = 0] = first[0].split('x').map(Number);
  return { size: [width, height], share: first[1] / sizes.length };
}

function sizeLines({ sampled, unreadable, smallest, largest, commonest }: PictureSizes): string[] {
  if (smallest === null || largest === null || commonest === null) return ['sizes: none could be read'];
  const text = ([width, height]: readonly [number, number]) => `${width}x${height}`;
  const unread = unreadable === 0 ? '' : `, ${unreadable} unreadable`;
  const range =
    text(smallest) === text(largest)
      ? text(smallest)
      : `${text(smallest)} to ${text(largest)}, ${(commonest.share * 100).toFixed(0)} % ${text(commonest.size)}`;
  return [`sizes: ${range} (of ${sampled} looked at${unread})`];
}

function empty(data: string): InputError {
  return new InputError({
    where: data,
    received: 'no picture',
    expected: 'pictures in train/<class>/ and test/<class>/',
  });
}
