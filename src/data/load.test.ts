import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type LoadOptions, type LoadProgress, loadImages } from './load.js';
import { pixelsAt } from './images.js';

let root: string;

/** Writes a picture of one grey level, 4×4 unless said otherwise. */
async function paint(name: string, level: number, side = 4): Promise<void> {
  const pixels = Buffer.alloc(side * side, level);
  const image = sharp(pixels, { raw: { width: side, height: side, channels: 1 } });
  writeFileSync(join(root, name), await image.toColourspace('b-w').png().toBuffer());
}

function load(options: Partial<LoadOptions> = {}) {
  const classes = ['happy', 'angry'];
  return loadImages({ data: root, split: 'train', classes, sourceSize: [4, 4], colour: 'grey', ...options });
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'mien-load-'));
  for (const folder of ['happy', 'angry']) mkdirSync(join(root, 'train', folder), { recursive: true });
  for (let i = 0; i < 6; i++) await paint(`train/happy/${i}.png`, 10 * i);
  await paint('train/angry/a.png', 200);
  await paint('train/angry/large.png', 210, 9);
});

afterEach(() => rmSync(root, { recursive: true }));

describe('loadImages from folders', () => {
  it('keeps the order of the list and brings every picture to the source size', async () => {
    const { images, found, rejected, cache } = await load();
    expect(images).toMatchObject({ height: 4, width: 4, channels: 1, classes: ['happy', 'angry'] });
    expect([...images.labels]).toEqual([0, 0, 0, 0, 0, 0, 1, 1]);
    expect(images.names[7]).toBe('train/angry/large.png');
    const levels = [0, 10, 20, 30, 40, 50, 200, 210];
    levels.forEach((level, i) => expect(new Set(pixelsAt(images, i))).toEqual(new Set([level])));
    expect([found, rejected, cache]).toEqual([8, [], { state: 'off' }]);
  });

  it('gives three channels for rgb', async () => {
    const { images } = await load({ colour: 'rgb', sourceSize: [2, 3] });
    expect(images).toMatchObject({ height: 2, width: 3, channels: 3 });
    expect(images.pixels.length).toBe(8 * 2 * 3 * 3);
    expect(new Set(pixelsAt(images, 6))).toEqual(new Set([200]));
  });

  it('reports progress up to the last picture', async () => {
    const seen: LoadProgress[] = [];
    await load({ onProgress: (progress) => seen.push(progress) });
    expect(seen.map(({ done }) => done)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(seen[0]).toMatchObject({ total: 8, unit: 'images' });
  });

  it.each([
    ['an empty file (0 bytes)', Buffer.alloc(0)],
    ['bytes that do not decode', Buffer.from('nonsense')],
  ])('fails on %s and names the file', async (received, bytes) => {
    writeFileSync(join(root, 'train/angry/b.jpg'), bytes);
    await expect(load()).rejects.toThrow(`${join(root, 'train/angry/b.jpg')}: received ${received}`);
  });

  it('leaves corrupt pictures out when asked to', async () => {
    writeFileSync(join(root, 'train/happy/2.png'), '');
    const { images, found, rejected } = await load({ onCorrupt: 'skip' });
    expect(images.names).not.toContain('train/happy/2.png');
    expect([...images.labels]).toEqual([0, 0, 0, 0, 0, 1, 1]);
    expect(pixelsAt(images, 2)[0]).toBe(30);
    expect(found).toBe(8);
    expect(rejected).toEqual([{ name: 'train/happy/2.png', reason: 'an empty file (0 bytes)' }]);
  });

  it('fails when nothing of a class is left', async () => {
    for (const name of ['a', 'large']) writeFileSync(join(root, `train/angry/${name}.png`), '');
    await expect(load({ onCorrupt: 'skip' })).rejects.toThrow(
      /^angry: received no picture that decodes \(train\/angry\/(a|large)\.png: an empty file \(0 bytes\)\), expected/,
    );
  });

  it('refuses a source size that is none', async () => {
    await expect(load({ sourceSize: [48, 0] })).rejects.toThrow(
      'sourceSize: received 0, expected an integer',
    );
  });

  it('says that the data is missing', async () => {
    await expect(load({ data: join(root, 'nowhere') })).rejects.toThrow('nowhere: received no such folder');
    await expect(load({ data: join(root, 'no.csv') })).rejects.toThrow('no.csv: received no such file');
  });
});

describe('loadImages with a cache', () => {
  const cached = (options: Partial<LoadOptions> = {}) => load({ cacheDir: join(root, 'cache'), ...options });

  it('decodes nothing the second time', async () => {
    const first = await cached();
    let decoded = 0;
    const second = await cached({ onProgress: () => decoded++ });
    expect([first.cache.state, second.cache.state, decoded]).toEqual(['written', 'read', 0]);
    expect(second.images).toEqual(first.images);
  });

  it('decodes anew after a picture changed, even to one of the same size', async () => {
    const path = join(root, 'train/angry/a.png');
    const [before, after] = [Buffer.alloc(70, 0), Buffer.alloc(70, 1)];
    const touch = (tail: Buffer) => {
      // Bytes behind a PNG's end change the file, not the picture.
      writeFileSync(path, Buffer.concat([picture, tail]));
      utimesSync(path, 1000, 1000);
    };
    const picture = readFileSync(path);
    touch(before);
    await cached();
    touch(after);
    expect((await cached()).cache.state).toBe('written');
  });

  it('knows a picture by its content, not by its time', async () => {
    await cached();
    utimesSync(join(root, 'train/angry/a.png'), 1000, 1000);
    expect((await cached()).cache.state).toBe('read');
  });

  it('decodes anew for other options', async () => {
    await cached();
    for (const options of [
      { colour: 'rgb' },
      { sourceSize: [2, 2] },
      { classes: ['angry', 'happy'] },
    ] as const) {
      expect((await cached(options)).cache.state).toBe('written');
    }
  });

  it('makes a damaged file anew', async () => {
    const first = await cached();
    if (first.cache.state !== 'written') throw new Error('expected a cache');
    const bytes = readFileSync(first.cache.path);
    writeFileSync(first.cache.path, bytes.subarray(0, bytes.length - 5));
    const second = await cached();
    expect(second.cache.state).toBe('written');
    expect(second.images).toEqual(first.images);
    expect((await cached()).cache.state).toBe('read');
  });

  it('remembers what was left out', async () => {
    writeFileSync(join(root, 'train/happy/2.png'), '');
    const first = await cached({ onCorrupt: 'skip' });
    const second = await cached({ onCorrupt: 'skip' });
    expect(second.cache.state).toBe('read');
    expect(second.rejected).toEqual(first.rejected);
    await expect(cached()).rejects.toThrow('an empty file');
  });

  it('goes on without a cache when the folder refuses, and says so', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    const { images, cache } = await cached({ cacheDir: file });
    expect(images.labels.length).toBe(8);
    expect(cache).toMatchObject({
      state: 'not written',
      reason: expect.stringContaining('writable') as string,
    });
  });
});

describe('loadImages from a CSV file', () => {
  const row = (emotion: number, level: number, usage: string) =>
    `${emotion},${new Array(2304).fill(level).join(' ')},${usage}`;

  const lines = [
    'emotion,pixels,Usage',
    row(0, 9, 'Training'),
    row(3, 8, 'Training'),
    'bad',
    row(3, 7, 'PublicTest'),
  ];

  it('reads, resizes, reports and caches', async () => {
    const data = join(root, 'fer2013.csv');
    writeFileSync(data, lines.join('\n'));
    const seen: LoadProgress[] = [];
    const options = { data, cacheDir: join(root, 'cache'), onProgress: (p: LoadProgress) => seen.push(p) };
    const { images, found, rejected, cache } = await load(options);
    expect(images).toMatchObject({ height: 4, width: 4, channels: 1 });
    expect([...images.labels]).toEqual([1, 0]);
    expect([found, rejected.length, cache.state]).toEqual([4, 1, 'written']);
    expect(seen.at(-1)).toMatchObject({ unit: 'bytes', done: seen.at(-1)?.total });
    const second = await load(options);
    expect(second.cache.state).toBe('read');
    expect(second.images).toEqual(images);
  });

  it('takes the test half asked for', async () => {
    const data = join(root, 'fer2013.csv');
    writeFileSync(data, lines.join('\n'));
    const options = { data, split: 'test', classes: ['happy'] } as const;
    expect((await load({ ...options, usages: ['PublicTest'] })).images.names).toEqual(['PublicTest/row-4']);
    await expect(load({ ...options, usages: ['PrivateTest'] })).rejects.toThrow(
      'received no row of happy with usage PrivateTest',
    );
  });
});
