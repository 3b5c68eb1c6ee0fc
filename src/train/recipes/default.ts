import { defaultAugmentation } from '../../data/augment.js';
import type { Recipe } from '../recipe.js';

/**
 * The best found for fifteen minutes on two cores: everything trains from the start, with AdamW, one cosine,
 * label smoothing and an average of the weights. The input size counts most: enlarged to 128 pixels, FER2013's
 * 48 suit what the backbone learned on ImageNet far better than at 64 or 96. A strong weight decay comes next:
 * multiplied by the learning rate it takes 0.05 % of each weight per step at the peak. The loss on the held-out
 * part says which epoch is best: its accuracy moves by a percent from noise alone.
 */
export const defaultRecipe: Recipe = {
  name: 'default',
  batchSize: 64,
  inputSize: 128,
  head: { kind: 'light', dropout: 0.2 },
  validationFraction: 0.1,
  dropCopies: true,
  monitor: 'valLoss',
  stages: [
    {
      name: 'all',
      epochs: 13,
      trainable: { layers: 'all', batchNorm: 'trainable' },
      loss: { name: 'categoricalCrossentropy', labelSmoothing: 0.1 },
      optimizer: { name: 'adamw', weightDecay: 0.5 },
      schedule: { name: 'warmupCosine', learningRate: 1e-3, minLearningRate: 1e-6, warmupEpochs: 0.3 },
      ema: 0.997,
      batchNormMomentum: 0.99,
      augmentation: defaultAugmentation,
    },
  ],
};
