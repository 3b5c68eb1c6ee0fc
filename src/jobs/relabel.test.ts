import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { drawFaces } from '../data/draw/draw.js';
import { formatRelabelList } from '../data/relabel-list.js';
import { recipeOf } from '../train/recipes/index.js';
import { relabelledBy } from './relabel.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-relabel-'));
afterAll(() => rmSync(folder, { recursive: true }));
const images = drawFaces({ classes: ['happy', 'sad'], perClass: 3 });
const settings = (relabel?: string) => ({
  recipe: { ...recipeOf('drawn'), ...(relabel === undefined ? {} : { relabel }) },
});

describe('relabelledBy', () => {
  it('corrects labels, leaves out what goes to no trained class, and says so', () => {
    const path = join(folder, 'list.txt');
    const [first = '', second = ''] = images.names;
    const list = new Map([
      [first, 'sad'],
      [second, 'fear'],
      ['train/none.png', 'sad'],
    ]);
    writeFileSync(path, formatRelabelList(list));
    const notes: unknown[] = [];
    const found = relabelledBy(settings(path), images, { onEvent: (event) => notes.push(event) });
    expect([...(found?.images.labels ?? [])]).toEqual([1, 0, 0, 1, 1, 1]);
    expect(found?.left).toEqual([1]);
    const text = `2 labels corrected by ${path}; 1 more are of no picture that trains`;
    expect(notes).toEqual([{ kind: 'note', text }]);
    expect([...images.labels]).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it('does nothing without a list', () => {
    expect(relabelledBy(settings(), images)).toBeUndefined();
  });

  it('refuses a line without a class', () => {
    const path = join(folder, 'broken.txt');
    writeFileSync(path, '# a comment\ntrain/happy/1.png\n');
    expect(() => relabelledBy(settings(path), images)).toThrow(
      `${path} line 2: received "train/happy/1.png", expected a name, a tab and a class, e.g. train/happy/1.jpg<tab>neutral.`,
    );
  });
});
