import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeEach, describe, expect, it } from 'vitest';

import { recipeOf } from '../train/recipes/index.js';
import { stateOf } from './compare-runs.js';
import type { TrainSettings } from './settings.js';
import { beginRun } from './testing/fake-run.js';
import { resolveTraining } from './train-options.js';

const workshop = mkdtempSync(join(tmpdir(), 'mien-compare-runs-'));
afterAll(() => rmSync(workshop, { recursive: true }));
let count = 0;
let folder: string;
beforeEach(() => (folder = join(workshop, String(++count))));

const recipe = { ...recipeOf('drawn'), inputSize: 32, batchSize: 8 };

function settingsOf(change: Partial<TrainSettings> = {}): TrainSettings {
  const classes = ['happy', 'sad'];
  const { settings } = resolveTraining({ data: join(folder, 'faces'), classes, recipe, weights: 'none' });
  return { ...settings, ...change };
}

describe('run folders', () => {
  it('are refused when they hold other settings, naming the first that differs', () => {
    const root = join(folder, 'run');
    beginRun(root, settingsOf());
    const stages = recipe.stages.map((stage, i) => (i === 1 ? { ...stage, epochs: 9 } : stage));
    expect(() => stateOf(root, settingsOf({ recipe: { ...recipe, stages } }))).toThrow(
      `${root}: received a run with another recipe.stages.1.epochs, expected one with the settings of this comparison; choose another --out, remove the folder, or take the run as it is with --runs.`,
    );
    expect(existsSync(join(root, 'args.yaml'))).toBe(true);
    writeFileSync(join(root, 'notes.txt'), 'mine');
    expect(stateOf(root, settingsOf({ fast: false }))).toBe('new');
    expect(readdirSync(root)).toEqual(['notes.txt']);
  });

  it('keep a model that has no checkpoint', () => {
    const root = join(folder, 'run');
    const { best } = beginRun(root, settingsOf());
    writeFileSync(best, 'weights');
    expect(() => stateOf(root, settingsOf())).toThrow(
      'received a model without the checkpoint to go on from',
    );
    expect(existsSync(best)).toBe(true);
  });
});
