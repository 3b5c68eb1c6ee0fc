import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { pixelsAt } from '../images.js';
import { drawFaces } from './draw.js';
import { writeDrawnFaces } from './write.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mien-draw-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('writeDrawnFaces', () => {
  it('writes both splits in class folders, with a record, and leaves nothing else', async () => {
    const out = join(root, 'drawn');
    const seen: string[] = [];
    const record = await writeDrawnFaces({
      out,
      train: 5,
      test: 2,
      classes: ['happy', 'sad'],
      seed: 3,
      onProgress: (done, total) => seen.push(`${done}/${total}`),
    });
    expect(readdirSync(root)).toEqual(['drawn']);
    expect(readdirSync(out).sort()).toEqual(['drawn.json', 'test', 'train']);
    expect(readdirSync(join(out, 'train', 'happy')).sort()).toEqual([
      'drawn_00001.png',
      'drawn_00002.png',
      'drawn_00003.png',
    ]);
    expect(readdirSync(join(out, 'test', 'sad'))).toEqual(['drawn_00001.png']);
    expect(seen).toEqual(['1/7', '2/7', '3/7', '4/7', '5/7', '6/7', '7/7']);
    expect(JSON.parse(readFileSync(join(out, 'drawn.json'), 'utf8'))).toEqual(record);
    expect(record).toMatchObject({ version: 1, train: [3, 2], test: [1, 1], seed: 3, balance: 'equal' });
  });

  it('writes the faces that drawFaces draws, as grey PNG', async () => {
    const out = join(root, 'drawn');
    await writeDrawnFaces({ out, train: 1, test: 1, classes: ['fear'], seed: 8 });
    for (const split of ['train', 'test'] as const) {
      const faces = drawFaces({ classes: ['fear'], perClass: 1, seed: 8, split });
      const image = sharp(join(out, faces.names[0]!));
      expect(await image.metadata()).toMatchObject({ format: 'png', width: 48, height: 48, channels: 1 });
      const raw = await image.toColourspace('b-w').raw().toBuffer();
      expect(new Uint8Array(raw)).toEqual(pixelsAt(faces, 0));
    }
  });

  it('replaces an earlier drawn set and an empty folder', async () => {
    const out = join(root, 'drawn');
    mkdirSync(out);
    await writeDrawnFaces({ out, train: 2, test: 1, classes: ['fear'] });
    await writeDrawnFaces({ out, train: 1, test: 1, classes: ['sad'] });
    expect(readdirSync(join(out, 'train'))).toEqual(['sad']);
  });

  it("refuses somebody else's folder and leaves it alone", async () => {
    writeFileSync(join(root, 'photo.jpg'), 'mine');
    await expect(writeDrawnFaces({ out: root, train: 7, test: 7 })).rejects.toThrow(
      `${root}: received a folder with other files, expected a new folder, an empty one or an earlier set of drawn faces; choose another folder.`,
    );
    expect(readdirSync(root)).toEqual(['photo.jpg']);
    const file = join(root, 'photo.jpg');
    await expect(writeDrawnFaces({ out: file, train: 7, test: 7 })).rejects.toThrow(
      `${file}: received a file`,
    );
  });

  it('names an unwritable place and removes its temporary files', async () => {
    writeFileSync(join(root, 'file'), '');
    const out = join(root, 'file', 'drawn');
    await expect(writeDrawnFaces({ out, train: 7, test: 7 })).rejects.toThrow(
      /drawn: received ".*" while writing, expected a writable folder with free space/,
    );
  });

  it('keeps the earlier set when progress is interrupted', async () => {
    const out = join(root, 'drawn');
    await writeDrawnFaces({ out, train: 1, test: 1, classes: ['fear'] });
    const interrupt = () => {
      throw new Error('stop');
    };
    await expect(
      writeDrawnFaces({ out, train: 1, test: 1, classes: ['sad'], onProgress: interrupt }),
    ).rejects.toThrow('stop');
    expect(readdirSync(root)).toEqual(['drawn']);
    expect(readdirSync(join(out, 'train'))).toEqual(['fear']);
  });
});
