import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { writeDrawnFaces } from '../data/draw/write.js';
import { formatInspection, inspectData } from './data-inspect.js';
import { auditData } from './audit-job.js';
import { classesOf, splitData } from './data-job.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-data-job-'));
afterAll(() => rmSync(folder, { recursive: true }));
const faces = join(folder, 'faces');

beforeAll(async () => {
  await writeDrawnFaces({ out: faces, train: 20, test: 4, classes: ['happy', 'sad'] });
  // One picture of the test part is in the training part too, under the other label.
  const from = join(faces, 'test', 'sad', 'drawn_00001.png');
  cpSync(from, join(faces, 'train', 'happy', 'copy.png'));
});

describe('inspectData', () => {
  it('counts per class and split without decoding, empty classes included', async () => {
    mkdirSync(join(faces, 'test', 'fear'), { recursive: true });
    const found = await inspectData(faces);
    expect(found.splits).toEqual({
      train: { images: 21, perClass: { happy: 11, sad: 10 } },
      test: { images: 4, perClass: { fear: 0, happy: 2, sad: 2 } },
    });
    expect(formatInspection(found)).toBe(
      [
        'class  train  test',
        'fear       -     0',
        'happy     11     2',
        'sad       10     2',
        'all       21     4',
        '',
        'files: 25 png',
        'sizes: 48x48 (of 25 looked at)',
      ].join('\n'),
    );
    rmSync(join(faces, 'test', 'fear'), { recursive: true });
  });

  it('reads fer2013.csv', async () => {
    const path = join(folder, 'fer2013.csv');
    const pixels = Array.from({ length: 2304 }, () => 7).join(' ');
    writeFileSync(path, `emotion,pixels,Usage\n3,${pixels},Training\n4,${pixels},PublicTest\n`);
    const { kind, splits, files } = await inspectData(path);
    expect([kind, splits.train?.perClass['happy'], splits.test?.perClass['sad'], files]).toEqual([
      'csv',
      1,
      1,
      { rows: 2 },
    ]);
  });

  it('names a missing folder', async () => {
    await expect(inspectData(join(folder, 'nowhere'))).rejects.toThrow('nowhere: received no such folder');
  });
});

describe('auditData', () => {
  it('finds the leaked copy under another label', async () => {
    const { leaked, train } = (await auditData({ data: faces })).audit;
    expect(train?.images).toBe(21);
    expect(leaked?.list).toEqual([
      {
        name: 'test/sad/drawn_00001.png',
        class: 'sad',
        copies: [{ name: 'train/happy/copy.png', class: 'happy' }],
      },
    ]);
  });
});

describe('splitData', () => {
  it('lists every training picture once', async () => {
    const list = await splitData({ data: faces, fraction: 0.2, seed: 1 });
    expect(list.counts).toEqual({ train: [9, 8], validation: [2, 2] });
    expect(new Set([...list.train, ...list.validation]).size).toBe(21);
    expect(list.classes).toEqual(classesOf(faces));
  });

  it('lists folds that are everything together', async () => {
    const parts = await Promise.all(
      [1, 2, 3].map((part) => splitData({ data: faces, fraction: 0.2, seed: 1, fold: { part, of: 3 } })),
    );
    expect(new Set(parts.flatMap(({ validation }) => validation)).size).toBe(21);
    expect(parts.reduce((sum, { validation }) => sum + validation.length, 0)).toBe(21);
    expect(parts[1]).toMatchObject({ fold: { part: 2, of: 3 } });
  });
});
