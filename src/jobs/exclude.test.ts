import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { formatCleanList } from '../data/clean-list.js';
import { drawFaces } from '../data/draw/draw.js';
import { readExcluded } from './exclude.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-exclude-'));
afterAll(() => rmSync(folder, { recursive: true }));
const images = drawFaces({ classes: ['happy', 'sad'], perClass: 3 });
mkdirSync(join(folder, 'train', 'fear'), { recursive: true });
writeFileSync(join(folder, 'train', 'fear', 'a.png'), '');

function listOf(text: string): string {
  const path = join(folder, 'list.txt');
  writeFileSync(path, text);
  return path;
}

describe('readExcluded', () => {
  it('finds pictures by name, and lets those of other classes pass', () => {
    const [, second = '', , , last = ''] = images.names;
    const text = formatCleanList(
      new Map([
        [last, ['copy', 'label-error']],
        [second, ['constant']],
        ['train/fear/a.png', ['copy']],
      ]),
    );
    expect(readExcluded(listOf(text), images, folder)).toEqual({
      images: [1, 4],
      others: 1,
      names: [last, second, 'train/fear/a.png'],
    });
  });

  it('takes a plain list of names, and an audit that found nothing', () => {
    const plain = `\n# mine\n${images.names[0] ?? ''}\r\n${images.names[0] ?? ''}\n`;
    expect(readExcluded(listOf(plain), images, folder).images).toEqual([0]);
    expect(readExcluded(listOf(formatCleanList(new Map())), images, folder).images).toEqual([]);
  });

  it('refuses names that are not there', () => {
    const path = listOf('train/happy/none.png\n');
    const remedy = 'write the list anew with "mien data audit --write-clean" on this data.';
    expect(() => readExcluded(path, images, folder)).toThrow(
      `${path}: received "train/happy/none.png", which is not among the training pictures, expected names below the ` +
        `data root like "train/happy/drawn_00001.png"; ${remedy}`,
    );
    listOf(`${images.names[0] ?? ''}\ntest/happy/1.png\n../../etc/passwd\n`);
    expect(() => readExcluded(path, images, folder)).toThrow(
      'received 2 of 3 names, the first "test/happy/1.png", which are not among the training pictures',
    );
  });

  it('refuses a file that is missing or holds no name', () => {
    expect(() => readExcluded(join(folder, 'none'), images, folder)).toThrow('--exclude: received "');
    expect(() => readExcluded(listOf('# nothing\n'), images, folder)).toThrow(
      'received no name, expected a name of a training picture per line, e.g. train/happy/1.jpg.',
    );
  });
});
