import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

import { InputError } from '../../core/errors.js';
import { writeFileAtomic } from '../../core/files.js';
import type { EpochRecord } from './epoch-record.js';
import { writing } from './writing.js';

export type { EpochRecord };

/** Columns of results.csv, in order. */
export const epochColumns = [
  'epoch',
  'stage',
  'loss',
  'accuracy',
  'macroAccuracy',
  'valLoss',
  'valAccuracy',
  'valMacroAccuracy',
  'lr',
  'seconds',
  'imagesPerSecond',
] as const satisfies readonly (keyof EpochRecord)[];

/** A growing table of epochs. */
export interface CsvLog {
  /** Adds a row and waits until it is on the disk. */
  append(record: EpochRecord): void;
}

/**
 * Opens results.csv, a row per epoch. A new run starts the file afresh; a resumed run (`resumedEpoch`: the
 * last epoch of its checkpoint) keeps the rows up to that epoch and drops later ones, a torn one included.
 * Rows are meant to be appended before the epoch's checkpoint is written: a killed run then repeats a row
 * instead of losing one.
 *
 * @throws InputError when the file holds something else or cannot be written.
 * @example
 * const log = openCsvLog('runs/first/results.csv', { resumedEpoch: 12 });
 */
export function openCsvLog(path: string, { resumedEpoch = 0 }: { resumedEpoch?: number } = {}): CsvLog {
  const kept = resumedEpoch > 0 && existsSync(path) ? readCsvLog(path) : [];
  const rows = kept.filter(({ epoch }) => epoch <= resumedEpoch).map(formatRow);
  writeFileAtomic(path, `${epochColumns.join(',')}\n${rows.join('')}`);
  return { append: (record) => writing(path, () => appendAndSync(path, formatRow(record))) };
}

/**
 * Reads results.csv. A last line without its line end, torn by a kill, is left out.
 * @throws InputError when the file is missing, has other columns or a broken row.
 */
export function readCsvLog(path: string): EpochRecord[] {
  const lines = readText(path).split(/\r?\n/).slice(0, -1);
  const [header = '', ...rows] = lines;
  if (header !== epochColumns.join(',')) {
    throw new InputError({
      where: path,
      received: `the first line "${header.slice(0, 60)}"`,
      expected: `"${epochColumns.join(',')}"`,
      remedy: 'move the file away or choose another run folder',
    });
  }
  return rows.map((row, index) => parseRow(`${path} line ${index + 2}`, row));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new InputError(
      { where: path, received: 'no readable file', expected: 'the results.csv of a run' },
      { cause: error },
    );
  }
}

function formatRow(record: EpochRecord): string {
  return `${epochColumns.map((column) => formatCell(record[column])).join(',')}\n`;
}

/** Seven significant digits, the precision of float32. */
function formatCell(value: number | null): string {
  return value === null ? '' : String(Number(value.toPrecision(7)));
}

function parseRow(where: string, row: string): EpochRecord {
  const cells = row.split(',');
  const values = cells.map((cell) => (cell === '' ? null : Number(cell)));
  const broken = cells.some((cell, index) => Number.isNaN(values[index]) && cell !== 'NaN');
  if (cells.length !== epochColumns.length || broken) {
    const expected = `${epochColumns.length} numbers`;
    throw new InputError({ where, received: `"${row.slice(0, 60)}"`, expected });
  }
  const cell = (column: keyof EpochRecord) => values[epochColumns.indexOf(column)] ?? null;
  return recordOf(cell, (column) => cell(column) ?? NaN);
}

function recordOf(
  optional: (column: keyof EpochRecord) => number | null,
  present: (column: keyof EpochRecord) => number,
): EpochRecord {
  return {
    epoch: present('epoch'),
    stage: present('stage'),
    loss: present('loss'),
    accuracy: optional('accuracy'),
    macroAccuracy: optional('macroAccuracy'),
    valLoss: optional('valLoss'),
    valAccuracy: optional('valAccuracy'),
    valMacroAccuracy: optional('valMacroAccuracy'),
    lr: present('lr'),
    seconds: present('seconds'),
    imagesPerSecond: present('imagesPerSecond'),
  };
}

function appendAndSync(path: string, line: string): void {
  const bytes = Buffer.from(line, 'utf8');
  const file = openSync(path, 'a');
  try {
    for (let offset = 0; offset < bytes.length;) offset += writeSync(file, bytes, offset);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
