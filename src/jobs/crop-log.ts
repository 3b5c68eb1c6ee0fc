import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { InputError, messageOf } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';

/** What becomes of a picture with several faces. */
export const MANY_FACES = ['largest', 'all', 'skip'] as const;
export type ManyFaces = (typeof MANY_FACES)[number];

/** Settings that decide what is written, as they stand beside it. */
export interface CropSettings {
  readonly size: number;
  readonly many: ManyFaces;
  readonly margin: number;
}

/** What came of a folder of pictures. */
export interface CropSummary {
  readonly out: string;
  /** Pictures looked at, with those of earlier, interrupted runs. */
  readonly pictures: number;
  /** Faces written. */
  readonly faces: number;
  /** Pictures, relative to the folder. */
  readonly none: readonly string[];
  readonly many: readonly string[];
  readonly unread: readonly string[];
}

/** What came of one picture. */
export interface CropRow {
  /** Relative to the folder, separated by `/`. */
  readonly file: string;
  /** Faces found. */
  readonly faces: number;
  /** Files written, relative to the target. */
  readonly outputs: readonly string[];
  /** Why it could not be read, or nothing. */
  readonly error: string;
}

const LOG = 'crops.jsonl';
const SETTINGS = 'crops.json';

/** The list of pictures that have been looked at, one JSON object a line, which grows as they are. */
export class CropLog {
  private constructor(
    private readonly out: string,
    private readonly rows: Map<string, CropRow>,
  ) {}

  /**
   * Begins a list, or goes on with the one that is there.
   * @throws InputError when it was begun with other settings
   */
  static open(out: string, settings: CropSettings): CropLog {
    const path = join(out, SETTINGS);
    const text = `${JSON.stringify({ version: 1, ...settings }, null, 2)}\n`;
    if (existsSync(path)) checkSettings(path, text);
    else writeFileAtomic(path, text);
    const rows = readRows(join(out, LOG));
    // An interrupted run may have left half a line.
    writeFileAtomic(join(out, LOG), rows.map(lineOf).join(''));
    return new CropLog(out, new Map(rows.map((row) => [row.file, row])));
  }

  has(file: string): boolean {
    return this.rows.has(file);
  }

  add(row: CropRow): void {
    this.rows.set(row.file, row);
    appendFileSync(join(this.out, LOG), lineOf(row));
  }

  summary(): CropSummary {
    const rows = [...this.rows.values()];
    const names = (which: (row: CropRow) => boolean) => rows.filter(which).map(({ file }) => file);
    return {
      out: this.out,
      pictures: rows.length,
      faces: rows.reduce((sum, { outputs }) => sum + outputs.length, 0),
      none: names(({ faces, error }) => faces === 0 && error === ''),
      many: names(({ faces }) => faces > 1),
      unread: names(({ error }) => error !== ''),
    };
  }
}

function lineOf(row: CropRow): string {
  return `${JSON.stringify(row)}\n`;
}

function readRows(path: string): CropRow[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line, i) => parseRow(line, `${path}, line ${i + 1}`));
}

function parseRow(line: string, where: string): CropRow {
  try {
    return JSON.parse(line) as CropRow;
  } catch (error) {
    const received = `"${messageOf(error)}"`;
    const remedy = 'choose another folder, or remove this one';
    throw new InputError(
      { where, received, expected: 'what mien data crop wrote', remedy },
      { cause: error },
    );
  }
}

function checkSettings(path: string, text: string): void {
  const there = readFileSync(path, 'utf8');
  if (there === text) return;
  const compact = (json: string) => json.replace(/\s+/g, ' ').trim();
  throw new InputError({
    where: path,
    received: `faces cropped with other settings, ${compact(there)}`,
    expected: compact(text),
    remedy: 'choose another folder',
  });
}
