import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Preprocessing } from '../core/preprocessing.js';
import { readPictures } from './predict-pictures.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-pictures-'));
afterAll(() => rmSync(folder, { recursive: true }));

const record = { sourceSize: [4, 6], colour: 'grey' } as unknown as Preprocessing;

beforeAll(async () => {
  mkdirSync(join(folder, 'a', 'deep'), { recursive: true });
  const grey = { create: { width: 12, height: 8, channels: 3, background: '#646464' } } as const;
  writeFileSync(join(folder, 'a', 'grey.png'), await sharp(grey).png().toBuffer());
  writeFileSync(join(folder, 'a', 'deep', 'GREY.JPG'), await sharp(grey).jpeg().toBuffer());
  writeFileSync(join(folder, 'a', '.hidden.png'), 'x');
  writeFileSync(join(folder, 'a', 'notes.txt'), 'x');
  // A link to its own parent would never end.
  symlinkSync(join(folder, 'a'), join(folder, 'a', 'deep', 'loop.png'), 'junction');
});

async function read(...paths: string[]) {
  const rows = [];
  for await (const row of readPictures(paths, record)) rows.push(row);
  return rows.sort((a, b) => (a.file < b.file ? -1 : 1));
}

describe('readPictures', () => {
  it('finds pictures to the bottom of a folder and brings them to the source size', async () => {
    const rows = await read(join(folder, 'a'));
    const found = rows.map(({ file }) => file.slice(folder.length + 1).replaceAll('\\', '/'));
    expect(found).toEqual(['a/deep/GREY.JPG', 'a/deep/loop.png', 'a/grey.png']);
    expect(rows[1]).toHaveProperty('error');
    for (const row of [rows[0], rows[2]]) {
      expect(row).toMatchObject({ planes: new Float32Array(4 * 6).fill(100) });
    }
  });

  it('takes a file that was named whatever its ending', async () => {
    const [row] = await read(join(folder, 'a', 'notes.txt'));
    expect(row).toMatchObject({ error: expect.stringContaining('bytes that do not decode') as string });
  });

  it('refuses a missing path before anything is read', async () => {
    await expect(read(join(folder, 'a'), join(folder, 'nowhere'))).rejects.toThrow(
      `${join(folder, 'nowhere')}: received no such file or folder, expected a picture or a folder.`,
    );
  });
});
