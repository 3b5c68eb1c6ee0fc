import { describe, expect, it } from 'vitest';

import { createRandom } from '../core/random.js';
import { drawFaces } from '../data/draw/index.js';
import { inlineBatches } from '../data/prefetch.js';
import { withHead } from '../models/head.js';
import { mobileNetV3Small } from '../models/mobilenet-v3-small.js';
import { initialWeights, type Weights } from '../models/model.js';
import { findRecord, preprocessingOf } from '../models/weights/records.js';
import { ortNode } from '../runtime/node/ort.js';
import type { FitOptions, Teaching } from './fit-options.js';
import type { EpochRecord } from './log/csv-log.js';
import type { Recipe } from './recipe.js';
import { drawnRecipe } from './recipes/drawn.js';
import { fit } from './trainer.js';
import type { TrainingState } from './training-state.js';

const images = drawFaces({ classes: ['happy', 'surprise'], perClass: 28, seed: 3 });
const record = findRecord('mobileNetV3Small', 'torchvision');
const graphOf = (side: number) =>
  withHead(mobileNetV3Small({ inputShape: [side, side, 3], weights: record }), {
    classes: 2,
    kind: 'light',
    dropout: 0.2,
  });

const recipe: Recipe = {
  ...drawnRecipe,
  batchSize: 8,
  inputSize: 32,
  stages: drawnRecipe.stages.map((stage) => ({ ...stage, epochs: 2 })),
};

/** Every option that draws, remembers or measures something. */
const rich: Recipe = {
  ...recipe,
  stages: recipe.stages.slice(1).map((stage) => ({
    ...stage,
    layerDecay: 0.8,
    stochasticDepth: 0.3,
    preciseBatchNorm: 3,
    mixup: {},
    augmentation: { randAugment: { n: 2, m: 9 } },
  })),
};

/** Labels by the pictures alone, as teachers do. */
const teaching: Teaching = {
  label: (batch) => {
    const share = (batch.x[0] ?? 0) / 255;
    return Promise.resolve({ ...batch, y: batch.y.map((value) => share / 2 + (1 - share) * value) });
  },
  close: () => Promise.resolve(),
};

const split = {
  train: [...images.labels.keys()].filter((image) => image % 7 !== 0),
  validation: [...images.labels.keys()].filter((image) => image % 7 === 0),
};

function options(extra: Partial<FitOptions> = {}): FitOptions {
  return {
    runtime: ortNode(),
    block: undefined,
    graphOf,
    weights: initialWeights(graphOf(32), createRandom(1)),
    headStart: 'head_pool',
    preprocessing: preprocessingOf(record.input, {
      inputSize: [32, 32],
      sourceSize: [48, 48],
      colour: 'grey',
    }),
    images,
    split,
    recipe,
    seed: 5,
    openBatches: (set, plan, start) => Promise.resolve(inlineBatches(set, plan, start)),
    ...extra,
  };
}

const bits = (weights: Weights) =>
  [...weights].map(([key, data]) => [key, Buffer.from(data.buffer).toString('base64')]);
const figures = (rows: EpochRecord[]) => rows.map(({ seconds: _s, imagesPerSecond: _i, ...rest }) => rest);

describe('fit', () => {
  it.each([
    ['a plain recipe', { recipe }],
    ['all options', { recipe: rich, teaching }],
  ])('gives the same bits with %s when it is stopped after any step and resumed', async (_, chosen) => {
    const rows: EpochRecord[] = [];
    const whole = await fit(options({ ...chosen, hooks: { onEpoch: (row) => rows.push(row) } }));
    expect(whole.finished).toBe(true);

    const pieces: EpochRecord[] = [];
    let resume: TrainingState | undefined;
    for (let steps = 0, finished = false; !finished;) {
      const hooks = { onEpoch: (row: EpochRecord) => pieces.push(row), shouldStop: () => ++steps % 4 === 0 };
      const part = await fit(options({ ...chosen, hooks, ...(resume === undefined ? {} : { resume }) }));
      ({ finished } = part);
      resume = part.state;
    }
    expect(bits(resume?.weights ?? new Map<string, Float32Array>())).toEqual(bits(whole.weights));
    expect(figures(pieces)).toEqual(figures(rows));
  });

  it('stops between epochs of a single step, and goes on from there', async () => {
    const epochs: number[] = [];
    const hooks = { onEpoch: ({ epoch }: EpochRecord) => epochs.push(epoch), shouldStop: () => true };
    const large = {
      ...recipe,
      batchSize: 48,
      stages: recipe.stages.slice(0, 1).map((s) => ({ ...s, epochs: 3 })),
    };
    const first = await fit(options({ recipe: large, hooks }));
    expect(first.finished).toBe(false);
    expect(epochs).toEqual([1]);
    const rest = await fit(
      options({ recipe: large, hooks: { onEpoch: hooks.onEpoch }, resume: first.state }),
    );
    expect(rest.finished).toBe(true);
    expect(epochs).toEqual([1, 2, 3]);
  });

  it('freezes the backbone in the first stage, moving statistics included', async () => {
    const start = options();
    const first = await fit({ ...start, recipe: { ...recipe, stages: recipe.stages.slice(0, 1) } });
    for (const [key, data] of start.weights) {
      const trained = first.weights.get(key);
      if (key.startsWith('logits/')) expect(trained).not.toEqual(data);
      else expect(trained).toEqual(data);
    }
  });

  it('stops with one sentence when the loss is not finite', async () => {
    const [, second] = recipe.stages;
    const schedule = { name: 'constant', learningRate: 1e30 } as const;
    const stages = second === undefined ? [] : [{ ...second, schedule }];
    await expect(fit(options({ recipe: { ...recipe, stages } }))).rejects.toThrow(
      /stage "all", epoch 1, step \d+: received a loss of (NaN|Infinity), expected a finite loss; lower the learning rate/,
    );
  });

  it('depends on the seed', async () => {
    const short = { ...recipe, stages: recipe.stages.slice(0, 1) };
    const [a, b] = [await fit(options({ recipe: short })), await fit(options({ recipe: short, seed: 6 }))];
    expect(bits(a.weights)).not.toEqual(bits(b.weights));
  });
});
