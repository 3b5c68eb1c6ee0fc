/** A run stopped between any two steps and resumed equals an undisturbed one bit for bit; in one process. */
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { inlineBatches } from '../../src/data/prefetch.js';
import type { TrainSettings } from '../../src/jobs/settings.js';
import { type TrainOutcome, trainJob } from '../../src/jobs/train-job.js';
import { ortNode } from '../../src/runtime/node/ort.js';
import { recipeOf } from '../../src/train/recipes/index.js';
import { CLASSES, drawData, rowsOf, weightsOf, workshop } from './cli.js';

const { path: folder, remove } = workshop();
const drawn = recipeOf('drawn');
const recipe = {
  ...drawn,
  batchSize: 16,
  inputSize: 32,
  stages: drawn.stages.map((stage) => ({ ...stage, epochs: 2, mixup: { alpha: 0.2 } })),
};
const settings: TrainSettings = {
  version: 1,
  data: join(folder, 'faces'),
  classes: CLASSES,
  model: 'mobileNetV3Small',
  weights: 'none',
  recipe,
  seed: 3,
  fast: true,
};

/** Trains; wants to stop after the given number of steps of this call, if any. */
function run(out: string, how: { resume?: boolean; stopAfter?: number } = {}): Promise<TrainOutcome> {
  let steps = 0;
  const runtime = ortNode();
  const environment = {
    runtime,
    versions: { mien: 'test', node: 'test', runtime: runtime.name },
    out,
    resume: how.resume === true,
    cacheDir: join(folder, 'cache'),
    weightSearch: {},
    openBatches: (...args: Parameters<typeof inlineBatches>) => Promise.resolve(inlineBatches(...args)),
  };
  const shouldStop = () => ++steps >= (how.stopAfter ?? Infinity);
  return trainJob(how.resume === true ? undefined : settings, environment, { shouldStop });
}

beforeAll(async () => {
  await drawData(settings.data);
  await run(join(folder, 'undisturbed'));
}, 180_000);
afterAll(remove);

describe('a stopped and resumed run', () => {
  // 48 images train: 3 steps per epoch, 6 per stage.
  it.each([
    ['within an epoch of each stage', [1, 7]],
    // A stop at an epoch's last step comes into effect after the next one.
    ['at the end of an epoch and of a stage', [3, 2]],
  ])(
    'equals an undisturbed one, stopped %s',
    async (name, stops) => {
      const out = join(folder, name.replaceAll(' ', '-'));
      for (const [i, stopAfter] of stops.entries()) {
        const { finished } = await run(out, { resume: i > 0, stopAfter });
        expect(finished).toBe(false);
      }
      expect((await run(out, { resume: true })).finished).toBe(true);
      expect(rowsOf(out)).toEqual(rowsOf(join(folder, 'undisturbed')));
      expect(await weightsOf(out)).toEqual(await weightsOf(join(folder, 'undisturbed')));
    },
    180_000,
  );
});
