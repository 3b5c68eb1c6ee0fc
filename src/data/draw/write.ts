import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import sharp from 'sharp';

import { at } from '../../core/checks.js';
import { InputError, messageOf } from '../../core/errors.js';
import { writeFileAtomic } from '../../core/files.js';
import { createRandom } from '../../core/random.js';
import { EMOTIONS, type Emotion } from './actions.js';
import { checkEmotions, drawFace, drawnName, spreadOver, type Balance, type DrawnSplit } from './draw.js';
import { FACE_SIZE } from './render.js';

/** Tells a folder of drawn faces, which may be replaced, from anybody else's. */
const MARKER = 'drawn.json';
/** Encoders at work at the same time. */
const CONCURRENCY = 8;

export interface WriteDrawnOptions {
  /** The data root to write. */
  readonly out: string;
  /** Images in `train/`, all classes together. */
  readonly train: number;
  /** Images in `test/`, all classes together. */
  readonly test: number;
  /** Classes among the seven; default all. */
  readonly classes?: readonly string[];
  /** Default 42. */
  readonly seed?: number;
  /** Default `equal`. */
  readonly balance?: Balance;
  /** Called after each image. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What was written: images per class of each split, in the order of `classes`. */
export interface DrawnRecord {
  readonly version: 1;
  readonly note: string;
  readonly classes: readonly Emotion[];
  readonly train: readonly number[];
  readonly test: readonly number[];
  readonly seed: number;
  readonly balance: Balance;
}

/**
 * Writes drawn faces in FER2013's folder layout, `out/{train,test}/<class>/drawn_00001.png`, and a record
 * `out/drawn.json`. They are written beside `out` and moved there when complete; an earlier drawn set is
 * replaced.
 *
 * @throws InputError for unknown classes, too few images, a folder with other files, or an unwritable place.
 *
 * @example
 * await writeDrawnFaces({ out: 'data/drawn', train: 1200, test: 300, classes: ['happy', 'sad'], seed: 1 });
 */
export async function writeDrawnFaces(options: WriteDrawnOptions): Promise<DrawnRecord> {
  const out = resolve(options.out);
  const record = recordOf(options);
  checkOwn(out);
  const temporary = `${out}.${process.pid}.tmp`;
  try {
    await writeAll(temporary, record, options.onProgress);
    rmSync(out, { recursive: true, force: true });
    renameSync(temporary, out);
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary, { recursive: true });
    throw isSystemError(error) ? unwritable(out, error) : error;
  }
  return record;
}

function recordOf({
  train,
  test,
  classes = EMOTIONS,
  seed = 42,
  balance = 'equal',
}: WriteDrawnOptions): DrawnRecord {
  const emotions = checkEmotions(classes);
  return {
    version: 1,
    note: 'Faces drawn by Mien, not photographs.',
    classes: emotions,
    train: spreadOver(train, emotions, balance),
    test: spreadOver(test, emotions, balance),
    seed,
    balance,
  };
}

/** Only a missing, an empty or an earlier drawn folder may be replaced. */
function checkOwn(out: string): void {
  if (!existsSync(out)) return;
  const folder = statSync(out).isDirectory();
  if (folder && (existsSync(join(out, MARKER)) || readdirSync(out).length === 0)) return;
  throw new InputError({
    where: out,
    received: folder ? 'a folder with other files' : 'a file',
    expected: 'a new folder, an empty one or an earlier set of drawn faces',
    remedy: 'choose another folder',
  });
}

interface Job {
  readonly split: DrawnSplit;
  readonly emotion: Emotion;
  readonly index: number;
}

async function writeAll(
  root: string,
  record: DrawnRecord,
  onProgress: WriteDrawnOptions['onProgress'],
): Promise<void> {
  const jobs = [...jobsOf(record, 'train'), ...jobsOf(record, 'test')];
  const random = createRandom(record.seed);
  for (const { split, emotion } of jobs.filter(({ index }) => index === 0)) {
    mkdirSync(join(root, split, emotion), { recursive: true });
  }
  for (let start = 0; start < jobs.length; start += CONCURRENCY) {
    const batch = jobs.slice(start, start + CONCURRENCY);
    const writes = batch.map(({ split, emotion, index }) =>
      writePng(join(root, drawnName(split, emotion, index)), drawFace(emotion, random, split, index)),
    );
    await Promise.all(writes);
    batch.forEach((_, i) => onProgress?.(start + i + 1, jobs.length));
  }
  writeFileAtomic(join(root, MARKER), `${JSON.stringify(record, null, 2)}\n`);
}

function jobsOf(record: DrawnRecord, split: DrawnSplit): Job[] {
  return record.classes.flatMap((emotion, label) =>
    Array.from({ length: at(record[split], label) }, (_, index) => ({ split, emotion, index })),
  );
}

async function writePng(path: string, pixels: Uint8Array): Promise<void> {
  const raw = { width: FACE_SIZE, height: FACE_SIZE, channels: 1 } as const;
  await writeFile(path, await sharp(pixels, { raw }).toColourspace('b-w').png().toBuffer());
}

/** A full disk, a read-only folder; anything else is the caller's interruption or a defect. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function unwritable(out: string, cause: unknown): InputError {
  const received = `"${messageOf(cause)}" while writing`;
  const remedy = 'free some space or choose another folder';
  return new InputError(
    { where: out, received, expected: 'a writable folder with free space', remedy },
    { cause },
  );
}
