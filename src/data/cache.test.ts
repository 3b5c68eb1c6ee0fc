import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { type CachedImages, cachePath, readCache, writeCache } from './cache.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-cache-'));
afterAll(() => rmSync(folder, { recursive: true }));

const content: CachedImages = {
  images: {
    classes: ['happy', 'Ärger'],
    height: 2,
    width: 1,
    channels: 3,
    pixels: Uint8Array.from({ length: 12 }, (_, i) => 20 * i),
    labels: Int32Array.of(1, 0),
    names: ['train/Ärger/1.png', 'train/happy/2.png'],
  },
  rejected: [{ name: 'train/happy/3.png', reason: 'an empty file (0 bytes)' }],
  found: 3,
};

const path = join(folder, 'deeper', 'images.bin');

/** Writes the cache, changes its bytes, and reads it. */
function readChanged(change: (bytes: Buffer) => Buffer) {
  writeCache(path, content);
  writeFileSync(path, change(readFileSync(path)));
  return readCache(path);
}

describe('cache', () => {
  it('gives back what was written', () => {
    writeCache(path, content);
    expect(readCache(path)).toEqual(content);
  });

  it('is undefined where there is no file', () => {
    expect(readCache(join(folder, 'none.bin'))).toBeUndefined();
  });

  it('is unchanged by a rewrite of the same bytes', () => {
    expect(readChanged((bytes) => bytes)).toEqual(content);
  });

  it.each([
    ['one pixel differs', (b: Buffer) => (b.writeUInt8(7, b.length - 3), b)],
    ['one letter of the header differs', (b: Buffer) => (b.writeUInt8(7, 60), b)],
    ['the checksum differs', (b: Buffer) => (b.writeUInt8((b.readUInt8(20) + 1) % 256, 20), b)],
    ['the version differs', (b: Buffer) => (b.write('v0', 12, 'latin1'), b)],
    ['the end is missing', (b: Buffer) => b.subarray(0, b.length - 1)],
    ['only the start is left', (b: Buffer) => b.subarray(0, 30)],
    ['it is empty', (b: Buffer) => b.subarray(0, 0)],
    ['something follows', (b: Buffer) => Buffer.concat([b, Buffer.from('x')])],
  ])('is refused when %s', (_, change) => {
    expect(readChanged(change)).toBeUndefined();
  });
});

describe('cachePath', () => {
  it('depends on every part and on their borders', () => {
    const names = [['ab', 'c'], ['a', 'bc'], ['abc'], ['c', 'ab'], ['ab', 'c', '']].map((parts) =>
      cachePath(folder, parts),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(cachePath(folder, ['ab', 'c'])).toBe(names[0]);
  });
});
