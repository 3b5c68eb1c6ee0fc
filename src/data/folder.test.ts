import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { listClasses, listFolder, unusedClasses } from './folder.js';

const root = mkdtempSync(join(tmpdir(), 'mien-folder-'));
const testOnly = join(root, 'test-only');

function touch(path: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'x');
}

beforeAll(() => {
  const pictures = ['b.png', 'a.JPG', 'é.webp', 'Z.bmp', '10.jpeg', '9.jpeg'].map((f) => `train/happy/${f}`);
  const others = [
    'train/happy/.DS_Store',
    'train/happy/._a.jpg',
    'train/happy/notes.txt',
    'train/happy/deep/x.png',
  ];
  const more = ['train/angry/x.png', 'train/readme.txt', 'test-only/test/happy/x.png'];
  [...pictures, ...others, ...more].forEach(touch);
  mkdirSync(join(root, 'train/sad'));
  mkdirSync(join(root, 'train/happy/folder.png'));
});

afterAll(() => rmSync(root, { recursive: true }));

describe('listFolder', () => {
  it('lists pictures by code unit and ignores everything else', () => {
    const files = listFolder({ root, split: 'train', classes: ['happy'] });
    expect(files.map(({ name }) => name)).toEqual(
      ['10.jpeg', '9.jpeg', 'Z.bmp', 'a.JPG', 'b.png', 'é.webp'].map((f) => `train/happy/${f}`),
    );
    expect(files[0]).toMatchObject({ label: 0, size: 1, path: join(root, 'train/happy/10.jpeg') });
  });

  it('numbers labels in the order asked for', () => {
    const labels = (classes: string[]) =>
      listFolder({ root, split: 'train', classes }).map(({ label }) => label);
    expect(labels(['angry', 'happy'])).toEqual([0, 1, 1, 1, 1, 1, 1]);
    expect(labels(['happy', 'angry'])).toEqual([0, 0, 0, 0, 0, 0, 1]);
  });

  it('works on a root that has only test/', () => {
    expect(listFolder({ root: testOnly, split: 'test', classes: ['happy'] })).toHaveLength(1);
  });

  it('says that the root is missing', () => {
    const nowhere = join(root, 'nowhere');
    expect(() => listFolder({ root: nowhere, split: 'train' })).toThrow(
      `${nowhere}: received no such folder, expected a data folder; give the folder that holds train/ and test/.`,
    );
  });

  it('says what is there when the split is missing', () => {
    expect(() => listFolder({ root: testOnly, split: 'train' })).toThrow(
      `${testOnly}: received no folder "train" (there: test), expected class folders in train/.`,
    );
  });

  it('lists the classes that are there when one is missing', () => {
    expect(() => listFolder({ root, split: 'train', classes: ['happy', 'glad', 'cross'] })).toThrow(
      `${join(root, 'train')}: received no folder for "glad", "cross" (there: angry, happy, sad), ` +
        'expected one folder per class; choose among the classes that are there.',
    );
  });

  it('names an empty class', () => {
    expect(() => listFolder({ root, split: 'train', classes: ['sad'] })).toThrow(
      `${join(root, 'train/sad')}: received no picture, expected at least one file of type png, jpg, jpeg, bmp, ` +
        'webp; add pictures or leave the class out.',
    );
  });

  it.each([
    [[], 'no class'],
    [['happy', 'happy'], 'the class "happy" twice'],
    [['../happy'], 'the class name "../happy"'],
    [['..'], 'the class name ".."'],
    [['a\\b'], 'the class name "a\\b"'],
  ])('refuses the class list %j', (classes, received) => {
    expect(() => listFolder({ root, split: 'train', classes })).toThrow(
      `classes: received ${received}, expected`,
    );
  });
});

describe('class folders', () => {
  it('are listed sorted, files left out', () => {
    expect(listClasses(root, 'train')).toEqual(['angry', 'happy', 'sad']);
  });

  it('that a choice leaves out are named', () => {
    expect(unusedClasses({ root, split: 'train', classes: ['happy'] })).toEqual(['angry', 'sad']);
  });
});
