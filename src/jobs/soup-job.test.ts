import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { writeDrawnFaces } from '../data/draw/write.js';
import { loadKeras } from '../export/keras/archive.js';
import { ortNode } from '../runtime/node/ort.js';
import { calibrateJob } from './calibrate.js';
import { evaluateJob } from './evaluate-job.js';
import type { TrainSettings } from './settings.js';
import { openIngredients } from './soup-ingredients.js';
import { soupJob } from './soup-job.js';
import { writeRun } from './testing/fake-run.js';
import { resolveTraining } from './train-options.js';
import { setInRecipe } from './recipe-set.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-soup-'));
afterAll(() => rmSync(folder, { recursive: true }));
const data = join(folder, 'faces');
const runtime = ortNode();
/** Pictures that do not train in the runs whose names begin with `exclude`. */
const EXCLUDED = ['00001', '00002', '00003', '00004'].map((n) => `train/happy/drawn_${n}.png`);
const run = (name: string) => join(folder, name);

function settingsOf(seed: number, ...changes: string[]): TrainSettings {
  const { settings } = resolveTraining({
    data,
    classes: ['happy', 'sad'],
    weights: 'none',
    recipe: 'drawn',
    seed,
  });
  const recipe = ['inputSize=32', ...changes].reduce(setInRecipe, settings.recipe);
  return { ...settings, recipe };
}

beforeAll(async () => {
  await writeDrawnFaces({ out: data, train: 100, test: 6, classes: ['happy', 'sad'] });
  await writeRun(run('a'), settingsOf(1, 'splitSeed=7'), {});
  await writeRun(run('b'), settingsOf(2, 'splitSeed=7'), {});
  await writeRun(run('other-split'), settingsOf(3), {});
  await writeRun(run('other-map'), { ...settingsOf(2, 'splitSeed=7'), map: { sad: ['sad', 'angry'] } }, {});
  const list = join(folder, 'excluded.txt');
  writeFileSync(list, EXCLUDED.join('\n'));
  for (const [i, name] of ['exclude-a', 'exclude-b'].entries())
    await writeRun(run(name), settingsOf(i, 'splitSeed=7', `exclude=${list}`), {});
  await writeRun(run('other-net'), settingsOf(1, 'head.kind=reference'), {});
});

describe('openIngredients', () => {
  it('leaves out of training what the recipe leaves out', async () => {
    const trained = async (...names: string[]) => {
      const { images, train } = await openIngredients(names.map(run), {}, {});
      return train.map((image) => images.names[image] ?? '');
    };
    const all = await trained('a', 'b');
    const dropped = EXCLUDED.filter((name) => all.includes(name));
    expect(dropped.length).toBeGreaterThan(0);
    const rest = all.filter((name) => !dropped.includes(name));
    expect(await trained('exclude-a', 'exclude-b')).toEqual(rest);
  });
});

describe('soupJob', () => {
  it('averages all runs, with statistics of its own, and says so in the record', async () => {
    const out = join(folder, 'uniform.keras');
    const soup = await soupJob({ runs: [run('a'), run('b')], out, method: 'uniform', batches: 1, runtime });
    expect(soup.ingredients.map(({ used }) => used)).toEqual([true, true]);
    const [a, b, mixed] = [
      await loadKeras(join(run('a'), 'weights', 'last.keras')),
      await loadKeras(join(run('b'), 'weights', 'last.keras')),
      await loadKeras(out),
    ];
    const value = (model: typeof a, key: string) => model.weights.get(key)?.[0] ?? NaN;
    for (const key of ['conv/kernel', 'logits/kernel'])
      expect(value(mixed, key)).toBeCloseTo((value(a, key) + value(b, key)) / 2, 6);
    // Drawn nets have means of 0 and variances of 1: whatever was measured is something else.
    expect(value(mixed, 'conv_bn/moving_mean')).not.toBe(0);
    expect(mixed.origin['soup']).toMatchObject({ method: 'uniform' });
    expect(mixed.graph.layers.every(({ trainable }, i) => trainable === a.graph.layers[i]?.trainable)).toBe(
      true,
    );
  });

  it('never ends below its best ingredient when greedy', async () => {
    const out = join(folder, 'greedy.keras');
    const soup = await soupJob({ runs: [run('a'), run('b')], out, batches: 1, runtime });
    const best = Math.max(...soup.ingredients.map(({ accuracy }) => accuracy ?? 0));
    expect(soup.accuracy).toBeGreaterThanOrEqual(best);
    expect(soup.ingredients[0]).toMatchObject({ used: true, accuracy: best });
  });

  it('refuses runs that do not fit, or held out different pictures', async () => {
    const out = join(folder, 'none.keras');
    await expect(soupJob({ runs: [run('a'), run('other-net')], out, runtime })).rejects.toThrow(
      `${run('other-net')}: received a run whose net is not that of ${run('a')}, expected runs of one net, head, input, classes and data.`,
    );
    await expect(soupJob({ runs: [run('a'), run('other-split')], out, runtime })).rejects.toThrow(
      `a greedy soup: received ${run('other-split')}, which held out other pictures than ${run('a')}, expected runs that held out the same pictures; train them with the same --set splitSeed=N, or use --method uniform.`,
    );
    await expect(soupJob({ runs: [run('a'), run('other-map')], out, runtime })).rejects.toThrow(
      `${run('other-map')}: received a run whose class map is not that of ${run('a')}`,
    );
    await expect(soupJob({ runs: [run('a')], out, runtime })).rejects.toThrow('two or more different runs');
    await expect(soupJob({ runs: [run('a'), run('b')], out: 'x', runtime })).rejects.toThrow(
      '--out: received "x", expected a file name that ends in .keras.',
    );
    await expect(soupJob({ runs: [run('a'), run('b')], out, batches: 0, runtime })).rejects.toThrow(
      '--batches',
    );
    await expect(soupJob({ runs: [run('a'), run('none')], out, runtime })).rejects.toThrow(
      `soup: received no folder ${run('none')}, expected the folder of a training run`,
    );
  });
});

describe('calibrateJob', () => {
  it("writes a temperature into a run's models, by which evaluations then divide", async () => {
    const done = await calibrateJob({ run: run('b'), runtime });
    expect(done.images).toBe(20);
    expect(done.files.length).toBe(2);
    for (const path of done.files)
      expect((await loadKeras(path)).calibration).toEqual({ temperature: done.temperature });
    const { evaluation, out } = await evaluateJob({
      model: run('b'),
      split: 'validation',
      average: 'five-crop',
      runtime,
    });
    expect(evaluation.temperatureScaling?.temperature).toBe(done.temperature);
    expect(evaluation.average).toBe('five-crop');
    expect(out).toBe(join(run('b'), 'evaluation', 'validation', 'five-crop'));
    const again = await calibrateJob({ run: run('b'), runtime });
    expect(again.temperature).toBeCloseTo(done.temperature, 9);
  });

  it('refuses a contradiction about averaging', async () => {
    await expect(evaluateJob({ model: run('b'), flip: true, average: 'five-crop', runtime })).rejects.toThrow(
      '--average: received five-crop beside --flip, expected one of the two.',
    );
  });
});
