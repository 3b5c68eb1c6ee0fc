import { referenceAugmentation } from '../../data/augment.js';
import type { Recipe, StageRecipe } from '../recipe.js';

/** What both stages share. */
const SHARED = {
  loss: { name: 'focal', gamma: 0.5 },
  optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  clip: { clipnorm: 1 },
  augmentation: referenceAugmentation,
  mixup: { law: 'reference' },
} as const satisfies Partial<StageRecipe>;

/**
 * The two-stage fine-tuning of the Keras project that Mien re-implements: the head alone, then the top 60
 * layers of the backbone with its batch norms frozen. Its oversampling is done after the split here.
 */
export const referenceRecipe: Recipe = {
  name: 'reference',
  batchSize: 32,
  inputSize: 128,
  head: { kind: 'reference', l2: 3e-5 },
  validationFraction: 0.2,
  dropCopies: false,
  oversample: 0.6,
  classWeightBeta: 0.99,
  monitor: 'valAccuracy',
  stages: [
    {
      ...SHARED,
      name: 'head',
      epochs: 25,
      trainable: { layers: 'head' },
      schedule: { name: 'constant', learningRate: 5e-4 },
      patience: 15,
    },
    {
      ...SHARED,
      name: 'top 60',
      epochs: 150,
      trainable: { layers: 'top', count: 60, batchNorm: 'frozen' },
      schedule: { name: 'warmupCosine', learningRate: 1e-4, minLearningRate: 1e-7, warmupEpochs: 5 },
      patience: 35,
    },
  ],
};
