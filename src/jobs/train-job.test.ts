import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { writeDrawnFaces } from '../data/draw/write.js';
import type { Runtime } from '../runtime/session.js';
import { setInRecipe } from './recipe-set.js';
import { countingRuntime } from './testing/counting-runtime.js';
import { trainJob } from './train-job.js';
import { resolveTraining } from './train-options.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-train-job-'));
afterAll(() => rmSync(folder, { recursive: true }));
const data = join(folder, 'faces');
beforeAll(() => writeDrawnFaces({ out: data, train: 10, test: 2, classes: ['happy', 'sad'] }));

/** A training with a teacher that answers in every step, whose batches cannot be read. */
function training(runtime: Runtime, out: string, teacher: string) {
  const options = { data, classes: ['happy', 'sad'], weights: 'none', recipe: 'drawn', fast: false };
  const { settings } = resolveTraining(options);
  const changes = ['inputSize=32', 'sourceSize=48', `softLabels={teachers: [${teacher}], sameView: true}`];
  const recipe = changes.reduce(setInRecipe, settings.recipe);
  const versions = { mien: 'test', node: 'test', runtime: runtime.name };
  return trainJob(
    { ...settings, recipe },
    { runtime, versions, out, weightSearch: {}, openBatches: () => Promise.reject(new Error('no batches')) },
  );
}

describe('trainJob with teachers that answer in every step', () => {
  it('makes no folder when a teacher is not there', async () => {
    const out = join(folder, 'without-teacher');
    const { runtime } = countingRuntime();
    await expect(training(runtime, out, 'nowhere')).rejects.toThrow('--teacher: received "nowhere"');
    expect(existsSync(out)).toBe(false);
  });

  it('closes them when the folder cannot be made', async () => {
    const out = join(folder, 'full');
    mkdirSync(out);
    writeFileSync(join(out, 'mine.txt'), '');
    const { runtime, open } = countingRuntime();
    await expect(training(runtime, out, 'mien')).rejects.toThrow('which is not empty');
    expect(open).toEqual([false]);
  });

  it('closes them when the training fails', async () => {
    const { runtime, open } = countingRuntime();
    await expect(training(runtime, join(folder, 'failing'), 'mien')).rejects.toThrow('no batches');
    expect(open[0]).toBe(false);
  });
});
