import { describe, expect, it } from 'vitest';

import { buildNet } from '../models/nets.js';
import { recipeOf } from '../train/recipes/index.js';
import { checkRecipe } from './recipe-fields.js';
import type { TrainSettings } from './settings.js';
import { startingModel } from './starting-model.js';

const settings = (weights: string, alpha: number): TrainSettings => ({
  ...{ version: 1, data: 'faces', classes: ['happy', 'sad'], model: 'mobileNetV3Small', weights },
  ...{ recipe: checkRecipe({ ...recipeOf('drawn'), inputSize: 32, alpha }), seed: 1, fast: false },
});

describe('the width of a net', () => {
  it('multiplies its channels', async () => {
    const [half, whole] = [0.5, 1].map((alpha) => startingModel(settings('none', alpha), {}));
    const sizeOf = ({ model }: Awaited<NonNullable<typeof half>>) =>
      [...model.weights.values()].reduce((sum, { length }) => sum + length, 0);
    expect(sizeOf(await half!)).toBeLessThan(0.5 * sizeOf(await whole!));
  });

  it('is one where weights or the net have one width', async () => {
    await expect(startingModel(settings('mien', 0.5), {})).rejects.toThrow(
      '--weights: received "mien", which has full width, and alpha 0.5, expected weights none, or the file of a model of that width.',
    );
    expect(() => buildNet('densenet121', { inputShape: [64, 64, 3], alpha: 0.5 })).toThrow(
      'alpha: received 0.5 for densenet121, expected 1, or a MobileNet.',
    );
  });
});
