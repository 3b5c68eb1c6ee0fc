import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { TrainSettings } from '../settings.js';
import { loadShipped, decodeShipped } from '../shipped.js';
import { shipRun } from '../ship-job.js';
import { writeRun } from '../testing/fake-run.js';
import { runFolder } from '../run-folder.js';
import { drawnRecipe } from '../../train/recipes/drawn.js';
import type { ThreadedTraining } from '../train-thread.js';
import { reproduceJob } from './reproduce-job.js';
import { formatReproduction } from './text.js';
import { portableSettings, readTrainingRecord } from './training-record.js';
import { compareAccuracies, compareWeights, verdictOf } from './verdict.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-reproduce-'));
afterAll(() => rmSync(folder, { recursive: true }));
const settings: TrainSettings = {
  ...{ version: 1, data: '/somewhere/faces', classes: ['happy', 'sad'], model: 'mobileNetV3Small' },
  ...{ weights: 'none', recipe: { ...drawnRecipe, inputSize: 32 }, seed: 5, fast: false },
};
const original = join(folder, 'original');
beforeAll(async () => {
  await writeRun(original, settings, { test: { n: 100, wrong: [1, 2, 3] } });
});

const evaluation = (accuracy: number, n = 100) => ({ test: { split: 'test', accuracy, n } });

/** A training that writes what it was told, with other initial weights for another seed. */
function training(accuracy: number, seen: ThreadedTraining[] = [], seed = 5) {
  return async (given: ThreadedTraining) => {
    seen.push(given);
    await writeRun(given.out, { ...given.settings!, seed }, { test: { n: 100, wrong: [] } });
    return { finished: true, folder: runFolder(given.out), evaluations: evaluation(accuracy) as never };
  };
}

describe('reproduceJob', () => {
  it('repeats a run by its own settings, and says that it is equal', async () => {
    const seen: ThreadedTraining[] = [];
    const out = join(folder, 'equal');
    const found = await reproduceJob({ model: original, out, train: training(0.97, seen) });
    expect(seen[0]!.settings).toEqual(settings);
    expect(found.comparison!.verdict).toBe('equal');
    expect(formatReproduction(found)).toContain('Verdict: equal: every weight and every accuracy');
  });

  it('tells chance from difference, and says nothing after fewer epochs', async () => {
    const options = { model: original, data: folder };
    const near = await reproduceJob({ ...options, out: join(folder, 'near'), train: training(0.95, [], 6) });
    expect(near.comparison!.verdict).toBe('within the spread');
    const far = await reproduceJob({ ...options, out: join(folder, 'far'), train: training(0.5, [], 6) });
    expect(far.comparison!.verdict).toBe('different');
    const seen: ThreadedTraining[] = [];
    const short = { ...options, epochs: 1, set: ['head.dropout=0.5'], train: training(0.5, seen) };
    const shortened = await reproduceJob({ ...short, out: join(folder, 'short') });
    expect(shortened.comparison!.verdict).toBe('shortened');
    expect(seen[0]!.settings!.recipe.stages.map(({ epochs }) => epochs)).toEqual(
      settings.recipe.stages.map(() => 1),
    );
    expect(seen[0]!.settings!.recipe.head.dropout).toBe(0.5);
    expect(formatReproduction(shortened)).toContain('Changed: head.dropout=0.5');
  });

  it('repeats what is shipped, from its record alone', async () => {
    const plan = { model: 'mien', data: folder, dryRun: true, out: join(folder, 'mien') };
    const found = await reproduceJob(plan);
    expect(found.comparison).toBeNull();
    expect(found.plan.settings.model).toBe('mobileNetV3Small');
    expect(Object.keys(found.plan.recorded)).toContain('test');
    await expect(reproduceJob({ model: 'mien', dryRun: true })).rejects.toThrow(
      '--data: received nothing, and the record of "mien" does not say where its data lies, expected the folder or CSV file that it was trained on.',
    );
  });
});

describe('training records', () => {
  it('travel with a shipped model, without places of the machine', async () => {
    const bytes = await shipRun(original, { data: 'drawn faces', seedDeviation: { test: 0.005 } });
    const record = readTrainingRecord('x', decodeShipped(bytes, 'x'));
    const { data: _data, ...rest } = settings;
    expect(record).toEqual({
      settings: JSON.parse(JSON.stringify(rest)) as unknown,
      whole: true,
      accuracies: { test: { accuracy: 0.97, n: 100, seedDeviation: 0.005 } },
    });
    const softLabels = { votes: '/home/me/votes.csv', teachers: ['/runs/one', 'mien'] };
    const recipe = {
      ...settings.recipe,
      softLabels,
      exclude: '/lists/clean.txt',
      relabel: '/lists/labels.txt',
    };
    const portable = portableSettings({ ...settings, weights: '/files/start.keras', recipe });
    expect(portable.recipe.softLabels).toEqual({ votes: 'votes.csv', teachers: ['one', 'mien'] });
    expect(JSON.stringify(portable)).not.toContain('/');
  });

  it('are refused where there is none', async () => {
    const { classes } = await loadShipped('mien');
    expect(() => readTrainingRecord('a.keras', { origin: {}, classes })).toThrow(
      'a.keras: received a model without a record of its training, expected a shipped model or a run folder, which know how they were trained.',
    );
    const origin = { training: { version: 3 } };
    expect(() => readTrainingRecord('a', { origin, classes })).toThrow('a training record of version 3');
  });
});

describe('verdictOf', () => {
  const weights = compareWeights(
    new Map([['a', Float32Array.of(3, 4)]]),
    new Map([['a', Float32Array.of(3, 3.5)]]),
  );
  it('measures weights', () => {
    expect(weights).toEqual({ tensors: 1, equalTensors: 0, maxDifference: 0.5, distance: 0.1 });
    const lacking = compareWeights(new Map([['a', Float32Array.of(1)]]), new Map());
    expect(lacking).toMatchObject({ equalTensors: 0, maxDifference: Infinity });
  });

  it('takes the spread of seeds where it is known, and equal numbers of images', () => {
    const recorded = {
      test: { accuracy: 0.8, n: 400, seedDeviation: 0.005 },
      validation: { accuracy: 0.8, n: 400 },
    };
    const [test, validation] = compareAccuracies(recorded, {
      test: { accuracy: 0.785, n: 400 },
      validation: { accuracy: 0.785, n: 400 },
    });
    // 1.96 · √2 · 0.005, and 1.96 · √2 · √(0.8 · 0.2 / 400).
    expect(test!.spread).toBeCloseTo(0.01386, 4);
    expect(validation!.spread).toBeCloseTo(0.05544, 4);
    expect(verdictOf([validation!], weights, false)).toBe('within the spread');
    expect(verdictOf([test!, validation!], weights, false)).toBe('different');
    expect(verdictOf([{ ...validation!, n: 399 }], weights, false)).toBe('different');
    expect(verdictOf([], weights, false)).toBe('different');
  });
});
