import { defaultAugmentation } from '../../data/augment.js';
import type { Recipe } from '../recipe.js';

/**
 * The best found for fifteen minutes on two cores: everything trains from the start at a small input, with
 * AdamW, one cosine, label smoothing, MixUp and an average of the weights.
 */
export const defaultRecipe: Recipe = {
  name: 'default',
  batchSize: 64,
  inputSize: 96,
  head: { kind: 'light', dropout: 0.2 },
  validationFraction: 0.2,
  dropCopies: true,
  monitor: 'valAccuracy',
  stages: [
    {
      name: 'all',
      epochs: 12,
      trainable: { layers: 'all', batchNorm: 'trainable' },
      loss: { name: 'categoricalCrossentropy', labelSmoothing: 0.1 },
      optimizer: { name: 'adamw', weightDecay: 0.02 },
      schedule: { name: 'warmupCosine', learningRate: 1e-3, minLearningRate: 1e-6, warmupEpochs: 1 },
      ema: 0.995,
      batchNormMomentum: 0.99,
      augmentation: defaultAugmentation,
      mixup: { alpha: 0.2, perSample: true },
    },
  ],
};
