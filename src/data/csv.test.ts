import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { type CsvOptions, readCsv } from './csv.js';
import { pixelsAt } from './images.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-csv-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;

/** Writes the lines and reads them back; classes happy and angry by default. */
function read(lines: string[], options: Partial<CsvOptions> = {}, end = '\n') {
  const path = join(folder, `${files++}.csv`);
  writeFileSync(path, lines.join(end));
  return readCsv({ path, split: 'train', classes: ['happy', 'angry'], ...options });
}

/** 48·48 pixels: `first`, then its successors modulo 256. */
function pixels(first: number): string {
  return Array.from({ length: 2304 }, (_, i) => (first + i) % 256).join(' ');
}

const header = 'emotion,pixels,Usage';
const angry = `0,${pixels(1)},Training`;
const happy = `3,${pixels(2)},Training`;
const tests = [`0,${pixels(3)},PublicTest`, `3,${pixels(4)},PublicTest`, `3,${pixels(5)},PrivateTest`];

describe('readCsv', () => {
  it('reads the training rows of the classes asked for', async () => {
    const { images, rows, rejected } = await read([
      header,
      angry,
      happy,
      `4,${pixels(9)},Training`,
      ...tests,
    ]);
    expect(images).toMatchObject({ height: 48, width: 48, channels: 1, classes: ['happy', 'angry'] });
    expect([...images.labels]).toEqual([1, 0]);
    expect(images.names).toEqual(['Training/row-1', 'Training/row-2']);
    expect([...pixelsAt(images, 1).subarray(0, 3)]).toEqual([2, 3, 4]);
    expect([rows, rejected]).toEqual([6, []]);
  });

  it('numbers emotions as the data set does', async () => {
    const lines = Array.from({ length: 7 }, (_, emotion) => `${emotion},${pixels(emotion)},Training`);
    const classes = ['neutral', 'surprise', 'sad', 'happy', 'fear', 'disgust', 'angry'];
    const { images } = await read([header, ...lines], { classes });
    expect([...images.labels]).toEqual([6, 5, 4, 3, 2, 1, 0]);
  });

  it.each([
    ['spaces and CRLF', 'emotion, pixels, Usage', (row: string) => row.replaceAll(',', ', '), '\r\n'],
    ['quotes', '"emotion","pixels","Usage"', (row: string) => `"${row.replaceAll(',', '","')}"`, '\n'],
    ['a byte order mark', `\ufeff${header}`, (row: string) => row, '\n'],
    [
      'other column order',
      'emotion, Usage, pixels',
      (row: string) => row.replace(/,(.*),(.*)$/, ',$2,$1'),
      '\n',
    ],
  ])('reads files with %s', async (_, head, change, end) => {
    const { images, rejected } = await read([head, change(angry), change(happy), ''], {}, end);
    expect(rejected).toEqual([]);
    expect([...images.labels]).toEqual([1, 0]);
    expect([...pixelsAt(images, 0).subarray(0, 3)]).toEqual([1, 2, 3]);
    expect(pixelsAt(images, 0)[2303]).toBe((1 + 2303) % 256);
  });

  it('takes both test halves, or the one asked for', async () => {
    const names = async (options: Partial<CsvOptions>) =>
      (await read([header, angry, ...tests], { split: 'test', ...options })).images.names;
    expect(await names({})).toEqual(['PublicTest/row-2', 'PublicTest/row-3', 'PrivateTest/row-4']);
    expect(await names({ usages: ['PrivateTest'], classes: ['happy'] })).toEqual(['PrivateTest/row-4']);
  });

  it('names every rejected row with its reason', async () => {
    const { rows, rejected } = await read([
      header,
      angry,
      `7,${pixels(1)},Training`,
      '',
      'x,1 2,Training',
      '3,1 2 3,Training',
      `3,${pixels(0).replace('5 6', '5 256')},Training`,
      `3,${pixels(0).replace('5 6', '5 -6')},Training`,
      `3,${pixels(0)} 1,Training`,
      `3,${pixels(1)},Validation`,
      '3,1 2',
      happy,
    ]);
    expect(rows).toBe(10);
    expect(rejected).toEqual([
      { name: 'row 2 (line 3)', reason: 'emotion "7" is not a number from 0 to 6' },
      { name: 'row 3 (line 5)', reason: 'emotion "x" is not a number from 0 to 6' },
      { name: 'row 4 (line 6)', reason: '3 pixels instead of 2304' },
      { name: 'row 5 (line 7)', reason: 'pixel 7 is "256"' },
      { name: 'row 6 (line 8)', reason: 'pixel 7 is "-6"' },
      { name: 'row 7 (line 9)', reason: '2305 pixels instead of 2304' },
      { name: 'row 8 (line 10)', reason: 'unknown usage "Validation"' },
      { name: 'row 9 (line 11)', reason: '2 fields instead of 3' },
    ]);
  });

  it('reports bytes as it reads', async () => {
    const seen: number[] = [];
    await read([header, angry, happy], { onProgress: (done) => seen.push(done) });
    expect(seen.at(-1)).toBe([header, angry, happy].join('\n').length);
  });

  it('reads lines that run over the reader’s chunks', async () => {
    const many = Array.from({ length: 300 }, (_, i) => `${i % 2 === 0 ? 0 : 3},${pixels(i)},Training`);
    const { images, rows, rejected } = await read([header, ...many]);
    expect([rows, rejected]).toEqual([300, []]);
    for (let i = 0; i < 300; i++) expect(pixelsAt(images, i)[2303]).toBe((i + 2303) % 256);
  });
});

describe('readCsv of wrong input', () => {
  it('says that the file is missing', async () => {
    await expect(readCsv({ path: 'nowhere.csv', split: 'train' })).rejects.toThrow(
      'nowhere.csv: received no such file, expected a CSV file like fer2013.csv.',
    );
  });

  it('says that the header is not one', async () => {
    await expect(read(['a,b,c', angry])).rejects.toThrow(
      'received the header "a,b,c", expected a header with emotion, pixels and Usage.',
    );
    await expect(read([])).rejects.toThrow('received an empty file, expected a header');
  });

  it('lists the classes there are', async () => {
    await expect(read([header], { classes: ['happy', 'contempt'] })).rejects.toThrow(
      'received the class "contempt", expected classes among angry, disgust, fear, happy, sad, surprise, neutral.',
    );
  });

  it('names a class without rows', async () => {
    await expect(read([header, angry, '3,1,Training'])).rejects.toThrow(
      'received no row of happy with usage Training (2 rows, 1 rejected, first row 2 (line 3): ' +
        '1 pixels instead of 2304), expected at least one row per class; leave the class out or choose another usage.',
    );
  });
});
