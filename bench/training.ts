import { createRandom } from '../src/core/random.js';
import { defaultAugmentation } from '../src/data/augment.js';
import { defaultClasses, type ImageSet } from '../src/data/images.js';
import { prefetchBatches, shareImages } from '../src/data/prefetch.js';
import type { Recipe } from '../src/train/recipe.js';
import { fit, type TrainerHooks } from '../src/train/trainer.js';
import { SIZES, type Work } from './cases.js';
import { HEAD_START, netFor, pixelInput, TRAINABLE } from './net.js';
import type { Machine } from './stepper.js';

/** Side of the pictures, as in FER2013. */
const SIDE = 48;

/** A training of so many steps on noise, by the trainer that `mien train` uses. */
export interface NoiseTraining {
  readonly work: Exclude<Work, 'inference'>;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly hooks: TrainerHooks;
}

/** Trains: augmented batches made ahead in a worker thread, dropout, moving statistics, everything but validation. */
export async function trainOnNoise({ runtime, block }: Machine, training: NoiseTraining): Promise<void> {
  const { work, hooks } = training;
  const { graph, weights } = netFor(work);
  const images = noise(SIZES.batch * training.stepsPerEpoch);
  await fit({
    runtime,
    block,
    graphOf: () => graph,
    weights,
    headStart: HEAD_START,
    preprocessing: pixelInput(),
    images: shareImages(images),
    split: { train: [...images.labels.keys()], validation: [] },
    recipe: recipeOf(training),
    seed: 1,
    openBatches: prefetchBatches,
    hooks,
  });
}

function recipeOf({ work, epochs }: NoiseTraining): Recipe {
  return {
    name: 'bench',
    batchSize: SIZES.batch,
    inputSize: SIZES.size,
    head: { kind: 'reference', l2: SIZES.l2 },
    validationFraction: 0,
    dropCopies: false,
    monitor: 'valAccuracy',
    stages: [
      {
        name: work,
        epochs,
        trainable: TRAINABLE[work],
        loss: { name: 'categoricalCrossentropy' },
        optimizer: { name: 'adam' },
        schedule: { name: 'constant', learningRate: 1e-4 },
        augmentation: defaultAugmentation,
      },
    ],
  };
}

/** Grey pictures of even noise, labels in turn. */
function noise(count: number): ImageSet {
  const random = createRandom(7);
  return {
    classes: defaultClasses,
    height: SIDE,
    width: SIDE,
    channels: 1,
    pixels: Uint8Array.from({ length: count * SIDE * SIDE }, () => random.integer(256)),
    labels: Int32Array.from({ length: count }, (_, i) => i % defaultClasses.length),
    names: Array.from({ length: count }, (_, i) => `noise/${i}.png`),
  };
}
