import { createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { InputError } from '../core/errors.js';
import { type CsvLayout, parseLayout, splitRow, usageOf } from '../data/csv-row.js';
import { fer2013Classes } from '../data/csv.js';
import type { Split } from '../data/images.js';

/** Rows of a CSV file, counted without reading their pixels. */
export interface CsvCounts {
  /** Data rows, unreadable ones included. */
  readonly rows: number;
  readonly unreadable: number;
  readonly perClass: Readonly<Record<Split, Readonly<Record<string, number>>>>;
}

/** Counts the rows of a file like `fer2013.csv`. @throws InputError when it is missing or lacks a column */
export async function countCsv(path: string): Promise<CsvCounts> {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new InputError({ where: path, received: 'no such file', expected: 'a CSV file like fer2013.csv' });
  }
  const none = () => Object.fromEntries(fer2013Classes.map((name) => [name, 0]));
  const perClass = { train: none(), test: none() };
  let [rows, unreadable] = [0, 0];
  let layout: CsvLayout | undefined;
  const stream = createReadStream(path, { encoding: 'latin1' });
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    if (layout === undefined) {
      layout = parseLayout(path, line);
    } else if (line.trim() !== '') {
      rows++;
      const place = placeOf(line, layout);
      if (place === undefined) unreadable++;
      else perClass[place.split][place.name] = (perClass[place.split][place.name] ?? 0) + 1;
    }
  }
  if (layout === undefined) parseLayout(path, '');
  return { rows, unreadable, perClass };
}

function placeOf(line: string, layout: CsvLayout): { split: Split; name: string } | undefined {
  const fields = splitRow(line, layout);
  if (typeof fields === 'string') return undefined;
  const name = /^\d$/.test(fields.emotion) ? fer2013Classes[Number(fields.emotion)] : undefined;
  const usage = usageOf(fields.usage);
  if (name === undefined || usage === undefined) return undefined;
  return { split: usage === 'Training' ? 'train' : 'test', name };
}
