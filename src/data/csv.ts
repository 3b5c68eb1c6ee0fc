import { createReadStream, statSync } from 'node:fs';

import { InputError } from '../core/errors.js';
import { type CsvLayout, type Usage, parseLayout, parsePixels, splitRow, usageOf } from './csv-row.js';
import { type ImageSet, type Split, checkClasses, defaultClasses } from './images.js';

/** The seven expressions of `fer2013.csv`; the position is the number in its `emotion` column. */
export const fer2013Classes: readonly string[] = [
  'angry',
  'disgust',
  'fear',
  'happy',
  'sad',
  'surprise',
  'neutral',
];

/** Side of the pictures in `fer2013.csv`, in pixels. */
export const fer2013Side = 48;

/** Something in the data that was left out, and why. */
export interface Rejected {
  /** A file's name relative to the data root, or `row 17 (line 18)` of a CSV file. */
  readonly name: string;
  readonly reason: string;
}

/** What {@link readCsv} reads. */
export interface CsvOptions {
  /** The CSV file. */
  readonly path: string;
  readonly split: Split;
  /** Any subset of {@link fer2013Classes} in any order; default {@link defaultClasses}. */
  readonly classes?: readonly string[];
  /** Values of the Usage column to take; default by `split`: Training, or PublicTest and PrivateTest. */
  readonly usages?: readonly Usage[];
  /** Called as the file is read, with bytes. */
  readonly onProgress?: (done: number) => void;
}

/** The pictures of a CSV file, 48×48 grey, and what was in it beside them. */
export interface CsvImages {
  readonly images: ImageSet;
  /** Data rows in the file, of every class and usage, rejected ones included. */
  readonly rows: number;
  /** Every row of the file that could not be read. */
  readonly rejected: readonly Rejected[];
}

/** Rows gathered so far. */
interface Collected {
  readonly pixels: Uint8Array[];
  readonly labels: number[];
  readonly names: string[];
  readonly rejected: Rejected[];
  rows: number;
}

/**
 * Reads `fer2013.csv` (columns `emotion`, `pixels`, `Usage` in any order, with or without spaces and quotes)
 * as a stream: only the pictures taken are held in memory. Empty lines are skipped; every row that cannot be
 * read is reported by its number, counted from 1 after the header.
 *
 * @throws InputError when the file or a column is missing, a class name is not one of the seven, or a class
 *   has no row.
 *
 * @example
 * const { images, rows, rejected } = await readCsv({ path: 'fer2013.csv', split: 'train' });
 */
export async function readCsv(options: CsvOptions): Promise<CsvImages> {
  const { path, split, classes = defaultClasses } = options;
  checkFile(path);
  checkFer2013Classes(path, classes);
  const usages = options.usages ?? usagesOf(split);
  const collected: Collected = { pixels: [], labels: [], names: [], rejected: [], rows: 0 };
  let layout: CsvLayout | undefined;
  let line = 0;
  for await (const text of linesOf(path, options.onProgress)) {
    line++;
    if (layout === undefined) layout = parseLayout(path, text);
    else if (text.trim() !== '') addRow({ text, line, layout, classes, usages, collected });
  }
  if (layout === undefined) parseLayout(path, '');
  checkEveryClass({ path, classes, usages, collected });
  return { images: pack(classes, collected), rows: collected.rows, rejected: collected.rejected };
}

/** Usage values that make a split. */
export function usagesOf(split: Split): readonly Usage[] {
  return split === 'train' ? ['Training'] : ['PublicTest', 'PrivateTest'];
}

interface RowContext {
  readonly text: string;
  readonly line: number;
  readonly layout: CsvLayout;
  readonly classes: readonly string[];
  readonly usages: readonly Usage[];
  readonly collected: Collected;
}

/** Takes one data row: counts it, and stores it, skips it (other class or usage) or rejects it. */
function addRow({ text, line, layout, classes, usages, collected }: RowContext): void {
  const row = ++collected.rows;
  const reject = (reason: string) => collected.rejected.push({ name: `row ${row} (line ${line})`, reason });
  const fields = splitRow(text, layout);
  if (typeof fields === 'string') return void reject(fields);
  const usage = usageOf(fields.usage);
  if (usage === undefined) return void reject(`unknown usage "${fields.usage}"`);
  const emotion = /^\d+$/.test(fields.emotion) ? fer2013Classes[Number(fields.emotion)] : undefined;
  if (emotion === undefined) return void reject(`emotion "${fields.emotion}" is not a number from 0 to 6`);
  const pixels = parsePixels(fields.pixels, fer2013Side ** 2);
  if (typeof pixels === 'string') return void reject(pixels);
  const label = classes.indexOf(emotion);
  if (label < 0 || !usages.includes(usage)) return;
  collected.pixels.push(pixels);
  collected.labels.push(label);
  collected.names.push(`${usage}/row-${row}`);
}

/** The file's lines without their ends (LF or CRLF). */
async function* linesOf(path: string, onProgress?: (done: number) => void): AsyncGenerator<string> {
  let rest = '';
  let done = 0;
  const stream = createReadStream(path, { encoding: 'latin1', highWaterMark: 1 << 20 });
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.map(withoutReturn);
    done += chunk.length;
    onProgress?.(done);
  }
  if (rest !== '') yield withoutReturn(rest);
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

function checkFile(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return;
  throw new InputError({ where: path, received: 'no such file', expected: 'a CSV file like fer2013.csv' });
}

function checkFer2013Classes(where: string, classes: readonly string[]): void {
  checkClasses('classes', classes);
  const unknown = classes.filter((name) => !fer2013Classes.includes(name));
  if (unknown.length === 0) return;
  const received = `the class ${unknown.map((name) => `"${name}"`).join(', ')}`;
  throw new InputError({ where, received, expected: `classes among ${fer2013Classes.join(', ')}` });
}

function checkEveryClass(found: {
  readonly path: string;
  readonly classes: readonly string[];
  readonly usages: readonly Usage[];
  readonly collected: Collected;
}): void {
  const { path, classes, usages, collected } = found;
  const present = new Set(collected.labels);
  const empty = classes.filter((_, label) => !present.has(label));
  if (empty.length === 0) return;
  const first = collected.rejected[0];
  const why =
    first === undefined
      ? ''
      : `, ${collected.rejected.length} rejected, first ${first.name}: ${first.reason}`;
  throw new InputError({
    where: path,
    received: `no row of ${empty.join(', ')} with usage ${usages.join(' or ')} (${collected.rows} rows${why})`,
    expected: 'at least one row per class',
    remedy: 'leave the class out or choose another usage',
  });
}

function pack(classes: readonly string[], { pixels, labels, names }: Collected): ImageSet {
  const size = fer2013Side ** 2;
  const block = new Uint8Array(pixels.length * size);
  pixels.forEach((picture, index) => block.set(picture, index * size));
  const shape = { height: fer2013Side, width: fer2013Side, channels: 1 } as const;
  return { classes, ...shape, pixels: block, labels: Int32Array.from(labels), names };
}
