import { defaultAugmentation } from '../../data/augment.js';
import type { Recipe, StageRecipe } from '../recipe.js';

const SHARED = {
  loss: { name: 'categoricalCrossentropy', labelSmoothing: 0.1 },
  optimizer: { name: 'adamw', weightDecay: 0.02 },
  augmentation: defaultAugmentation,
} as const satisfies Partial<StageRecipe>;

/** Two short stages for a few hundred drawn faces: what `npm start` runs. */
export const drawnRecipe: Recipe = {
  name: 'drawn',
  batchSize: 32,
  inputSize: 64,
  head: { kind: 'light', dropout: 0.2 },
  validationFraction: 0.2,
  dropCopies: true,
  monitor: 'valAccuracy',
  stages: [
    {
      ...SHARED,
      name: 'head',
      epochs: 3,
      trainable: { layers: 'head' },
      schedule: { name: 'constant', learningRate: 2e-3 },
    },
    {
      ...SHARED,
      name: 'all',
      epochs: 8,
      trainable: { layers: 'all', batchNorm: 'trainable' },
      schedule: { name: 'warmupCosine', learningRate: 1e-3, minLearningRate: 1e-6, warmupEpochs: 1 },
      ema: 0.99,
      batchNormMomentum: 0.9,
    },
  ],
};
