import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { float32 } from '../core/tensor.js';
import type { Comparison } from '../evaluate/compare/comparison.js';
import { ortNode } from '../runtime/node/ort.js';
import type { Runtime } from '../runtime/session.js';
import { recipeOf } from '../train/recipes/index.js';
import { compareJob } from './compare-job.js';
import { bestEpochOf, groupRuns, namesOf, stepMilliseconds } from './compare-measure.js';
import { resolveComparison, type CompareOptions } from './compare-options.js';
import { openRun } from './compare-runs.js';
import type { Train } from './compare-train.js';
import type { JobEvent } from './events.js';
import { runFolder } from './run-folder.js';
import type { TrainSettings } from './settings.js';
import { beginRun, epochOf, writeRun } from './testing/fake-run.js';

const workshop = mkdtempSync(join(tmpdir(), 'mien-compare-'));
afterAll(() => rmSync(workshop, { recursive: true }));
let folder: string;
let count = 0;
beforeEach(() => (folder = join(workshop, String(++count))));

/** An engine that answers at once, for tests that are not about time. */
const runtime: Runtime = {
  name: 'none',
  createSession: () =>
    Promise.resolve({
      run: () => Promise.resolve({ probabilities: float32(Float32Array.of(1, 0), [1, 2]) }),
      close: () => Promise.resolve(),
    }),
};
const recipe = { ...recipeOf('drawn'), inputSize: 32, batchSize: 8 };

function options(change: Partial<CompareOptions> = {}): CompareOptions {
  return {
    models: ['mobileNetV3Small', 'mobileNetV2'],
    data: join(folder, 'faces'),
    classes: ['happy', 'sad'],
    recipe,
    weights: 'none',
    out: join(folder, 'out'),
    ...change,
  };
}

/** A training that writes its run folder at once; its net decides which of 20 images are wrong. */
const train = vi.fn<Train>(async ({ settings, out, resume }) => {
  const wanted = resume === true ? openRun(out).settings : (settings as TrainSettings);
  const wrong = wanted.model === 'mobileNetV2' ? [0, 1, 2, 3, 4, 5, 6] : [19];
  const answers = { test: { n: 20, wrong }, validation: { n: 10, wrong: [1] } };
  const run = await writeRun(out, wanted, answers);
  return { finished: true, folder: run, evaluations: {} };
});
beforeEach(() => {
  // The data only has to be there: the training is a mock.
  mkdirSync(join(folder, 'faces', 'train'), { recursive: true });
  train.mockClear();
});

function settingsOf(change: Partial<TrainSettings> = {}): TrainSettings {
  const [training] = resolveComparison(options()).trainings;
  return { ...training!.settings, ...change };
}

describe('compareJob', () => {
  it('trains, measures, tests, and writes three files; then takes over what is finished', async () => {
    const { finished, out, comparison } = await compareJob(options(), { runtime: ortNode(), train });
    expect(finished).toBe(true);
    expect(train).toHaveBeenCalledTimes(2);
    const [small, v2] = comparison!.models;
    expect(small).toMatchObject({
      name: 'mobileNetV3Small',
      weights: 'none',
      inputSize: 32,
      batchSize: 8,
      test: { n: 20, accuracy: 0.95 },
      validation: { n: 10, accuracy: 0.9 },
      stepMilliseconds: 100,
      secondsToBest: 20,
      reference: null,
    });
    expect(small!.parameters).toBe(940_274);
    expect(small!.bytes).toBeGreaterThan(3.7e6);
    expect(v2!.macs).toBeGreaterThan(small!.macs);
    expect(small!.latency!.runs).toBeGreaterThanOrEqual(50);
    expect(small!.latency!.p50).toBeGreaterThan(0);
    // scipy 1.17.1: binomtest(1, 8, 0.5).pvalue
    expect(comparison!.pairs).toMatchObject([{ n: 20, onlyFirst: 7, onlySecond: 1, p: 0.0703125 }]);
    const written = JSON.parse(readFileSync(join(out, 'comparison.json'), 'utf8')) as Comparison;
    expect(written).toEqual(comparison);
    expect(readFileSync(join(out, 'comparison.md'), 'utf8')).toContain('| mobileNetV2 |');
    expect(readFileSync(join(out, 'comparison.png')).subarray(1, 4).toString()).toBe('PNG');

    const notes: string[] = [];
    const onEvent = (event: JobEvent) => event.kind === 'note' && notes.push(event.text);
    const again = await compareJob(options(), { runtime, train }, { onEvent });
    expect(train).toHaveBeenCalledTimes(2);
    expect(notes[0]).toBe(
      `mobileNetV3Small, seed 42 (1 of 2): taken from ${join(out, 'mobileNetV3Small-seed42')}`,
    );
    expect(again.comparison!.models.map(({ runs }) => runs)).toEqual(
      comparison!.models.map(({ runs }) => runs),
    );
  });

  it('goes on with an unfinished run, and begins one anew in which nothing was learned', async () => {
    const [first, second] = resolveComparison(options()).trainings;
    const { checkpoint } = beginRun(first!.out, first!.settings);
    mkdirSync(dirname(checkpoint));
    writeFileSync(checkpoint, '');
    beginRun(second!.out, second!.settings);
    await compareJob(options(), { runtime, train });
    const resumed = train.mock.calls.map(([{ resume, settings }]) => [resume, settings?.model]);
    expect(resumed).toEqual([
      [true, undefined],
      [undefined, 'mobileNetV2'],
    ]);
  });

  it('stops between trainings when asked to', async () => {
    let stop = false;
    const stopping: Train = (...given) => {
      stop = true;
      return train(...given);
    };
    const outcome = await compareJob(options(), { runtime, train: stopping }, { shouldStop: () => stop });
    expect(outcome).toEqual({ finished: false, out: join(folder, 'out') });
    expect(train).toHaveBeenCalledTimes(1);
  });

  it('takes runs as they are, seeds of one model together', async () => {
    const answers = { test: { n: 20, wrong: [0, 1] } };
    const roots = ['a', 'b', 'c'].map((name) => join(folder, name));
    await writeRun(roots[0]!, settingsOf({ seed: 1 }), answers);
    await writeRun(roots[1]!, settingsOf({ seed: 2 }), { test: { n: 20, wrong: [0, 1, 2, 3] } });
    await writeRun(roots[2]!, settingsOf({ classes: ['sad', 'happy'] }), answers);
    const { comparison } = await compareJob({ runs: roots, out: folder }, { runtime, train });
    expect(train).not.toHaveBeenCalled();
    const [together, single] = comparison!.models;
    expect(comparison!.models).toHaveLength(2);
    expect(together!.name).toBe('mobileNetV3Small (a)');
    expect(together!.runs.map(({ seed }) => seed)).toEqual([1, 2]);
    expect(together!.test!.accuracy).toBeCloseTo(0.85, 12);
    expect(single!.name).toBe('mobileNetV3Small (c)');
    expect(comparison!.notes.join(' ')).toContain('were not tested as a pair: "test/0.png" is happy');
    expect(comparison!.notes.join(' ')).toContain('Several seeds: mean ±');
  });

  it('refuses classes that are not the same, before training', async () => {
    const run = join(folder, 'seven');
    await writeRun(run, settingsOf({ classes: ['happy', 'fear'] }), { test: { n: 2, wrong: [] } });
    await expect(compareJob(options({ runs: [run] }), { runtime, train })).rejects.toThrow(
      `${run}: received a run with the classes happy, fear, expected those of ${join(folder, 'out', 'mobileNetV3Small-seed42')} (happy, sad); compare runs that know the same classes.`,
    );
    expect(train).not.toHaveBeenCalled();
  });

  it('refuses weights that a net does not have, before another net is trained', async () => {
    const weights = { mobileNetV3Small: 'none', mobileNetV2: 'keras' };
    await expect(compareJob(options({ weights }), { runtime, train })).rejects.toThrow(
      'weights of mobileNetV2: received "keras", expected a net that has weights.',
    );
    expect(train).not.toHaveBeenCalled();
  });
});

describe('runs to be taken', () => {
  it.each([
    ['nowhere', 'received no such folder, expected the folder of a training run'],
    [
      'unfinished',
      'received a run that has not ended, expected a finished run with its evaluation; finish it with "mien train --resume',
    ],
  ])('must be finished: %s', async (name, text) => {
    beginRun(join(folder, 'unfinished'), settingsOf());
    const runs = [join(folder, name), join(folder, 'other')];
    await expect(compareJob({ runs, out: folder }, { runtime, train })).rejects.toThrow(text);
  });
});

describe('a wrong data path', () => {
  it('is said before weights are looked for', async () => {
    const change = { data: join(folder, 'nowhere'), weights: 'torchvision' };
    await expect(compareJob(options(change), { runtime, train })).rejects.toThrow(
      `${change.data}: received no such folder, expected a data folder; give the folder that holds train/ and test/.`,
    );
    expect(train).not.toHaveBeenCalled();
  });
});

describe('resolveComparison', () => {
  it('starts from Keras weights where there are some, unless told otherwise', () => {
    const starts = (weights?: CompareOptions['weights']) => {
      const { weights: _none, ...rest } = options();
      const { trainings } = resolveComparison({ ...rest, ...(weights === undefined ? {} : { weights }) });
      return trainings.map(({ settings }) => settings.weights);
    };
    expect(starts()).toEqual(['keras', 'none']);
    expect(starts({ mobileNetV3Small: 'torchvision' })).toEqual(['torchvision', 'none']);
    expect(starts('none')).toEqual(['none', 'none']);
  });

  it('trains every net with every seed, each once', () => {
    const { trainings } = resolveComparison(
      options({ seeds: [1, 2, 1], models: ['mobileNetV2', 'mobileNetV2'] }),
    );
    expect(trainings.map(({ out, settings }) => [out, settings.seed])).toEqual([
      [join(folder, 'out', 'mobileNetV2-seed1'), 1],
      [join(folder, 'out', 'mobileNetV2-seed2'), 2],
    ]);
  });

  it.each([
    [
      { models: [] },
      'compare: received nothing, expected at least two runs to compare; name several nets with --models, run folders with --runs, or several --seeds.',
    ],
    [
      { models: ['mobileNetV2'] },
      'compare: received one run, expected at least two runs to compare; name several nets with --models, run folders with --runs, or several --seeds.',
    ],
    [
      { models: ['resnet'] },
      '--models: received "resnet", expected one of mobileNetV3Small, mobileNetV3Large, mobileNetV2, densenet121, nasnetMobile.',
    ],
    [
      { weights: { densenet121: 'keras' } },
      '--weights: received weights for "densenet121", expected one of mobileNetV3Small, mobileNetV2.',
    ],
    [{ seeds: [1.5] }, '--seeds: received 1.5, expected an integer of at least 0.'],
  ] as const)('refuses %j', (change, text) => {
    expect(() => resolveComparison(options(change))).toThrow(text);
  });
});

describe('figures of results.csv', () => {
  it('finds the epoch whose weights were kept: the first best of the last stage', () => {
    const rows = [
      epochOf(1, { valAccuracy: 0.9 }),
      epochOf(2, { stage: 2, valAccuracy: 0.6, valLoss: 0.8 }),
      epochOf(3, { stage: 2, valAccuracy: 0.7, valLoss: 0.9 }),
      epochOf(4, { stage: 2, valAccuracy: 0.7, valLoss: 0.7 }),
    ];
    expect(bestEpochOf(rows, 'valAccuracy')).toBe(3);
    expect(bestEpochOf(rows, 'valLoss')).toBe(4);
    const unheld = rows.map((row) => ({ ...row, valAccuracy: null }));
    expect(bestEpochOf(unheld, 'valAccuracy')).toBe(4);
    expect(bestEpochOf([], 'valAccuracy')).toBeNull();
  });

  it('takes the median rate of the last stage', () => {
    const rate = (epoch: number, stage: number, imagesPerSecond: number) =>
      epochOf(epoch, { stage, imagesPerSecond });
    const rows = [rate(1, 1, 1000), rate(2, 2, 10), rate(3, 2, 40), rate(4, 2, 50)];
    expect(stepMilliseconds(rows, 8)).toBe(200);
    expect(stepMilliseconds([rate(1, 1, 0)], 8)).toBeNull();
  });
});

it('rows of one net are told apart by their folders', () => {
  const run = (root: string, change: Partial<TrainSettings> = {}) => ({
    folder: runFolder(root),
    settings: settingsOf(change),
  });
  const runs = [
    run('x/a'),
    run('x/b', { weights: 'keras' }),
    run('y/b', { weights: 'mien' }),
    run('c', { model: 'densenet121' }),
    run('d', { seed: 7 }),
  ];
  expect(namesOf(groupRuns(runs))).toEqual([
    'mobileNetV3Small (a)',
    'mobileNetV3Small (x/b)',
    'mobileNetV3Small (y/b)',
    'densenet121',
  ]);
});
