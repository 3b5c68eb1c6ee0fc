import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { at } from '../core/checks.js';
import { drawFaces } from '../data/draw/draw.js';
import { ortNode } from '../runtime/node/ort.js';
import { prepareLabels } from './soft-labels.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-soft-labels-'));
afterAll(() => rmSync(folder, { recursive: true }));
const images = drawFaces({ classes: ['happy', 'sad'], perClass: 2 });

describe('prepareLabels', () => {
  it('names the option of a teacher that is not there', async () => {
    await expect(prepareLabels({ teachers: ['nowhere'] }, images, ortNode(), {})).rejects.toThrow(
      '--teacher: received "nowhere", expected a .keras or .h5 file, a run folder, or a shipped model',
    );
  });

  it('counts votes for the classes that a merged one is made of', async () => {
    const votes = join(folder, 'votes.csv');
    writeFileSync(votes, `file,happiness,sadness,anger\n${images.names[0] ?? ''},4,3,1\n`);
    const merged = { ...images, classes: ['happy', 'negative'] };
    const map = { negative: ['angry', 'sad'] };
    const { rows } = await prepareLabels({ votes, votesWeight: 1 }, merged, ortNode(), {}, map);
    expect([...rows.slice(0, 4)]).toEqual([0.5, 0.5, 1, 0]);
  });

  it('leaves the labels of classes that a teacher does not know', async () => {
    const classes = ['happy', 'contempt', 'sad'];
    const labels = Int32Array.from([0, 1, 2, 1]);
    const set = { ...images, classes, labels };
    const { rows } = await prepareLabels({ teachers: ['mien'], teacherWeight: 0.75 }, set, ortNode(), {});
    for (const image of [1, 3]) expect([...rows.slice(3 * image, 3 * image + 3)]).toEqual([0, 1, 0]);
    for (const image of [0, 2]) {
      const [happy = NaN, contempt, sad = NaN] = rows.slice(3 * image, 3 * image + 3);
      expect(contempt).toBe(0);
      expect(happy + sad).toBeCloseTo(1, 6);
      expect(at([happy, sad], image / 2)).toBeGreaterThan(0.25);
    }
  });
});
