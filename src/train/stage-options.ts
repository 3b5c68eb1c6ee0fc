import type { BatchPlan } from '../data/batches.js';
import type { Weights } from '../models/model.js';
import { samplingOf, type FitOptions } from './fit-options.js';
import { layerDepths } from './layer-decay.js';
import type { StageRecipe } from './recipe.js';
import type { StepOptions } from './step.js';
import { withStochasticDepth } from './stochastic-depth.js';

/** A model at one input size, with the preprocessing that leads there. */
export type SizedNet = Pick<StepOptions, 'graph' | 'preprocessing'>;

/** A stage's net and preprocessing. */
export function sizedNet(options: FitOptions, recipe: StageRecipe): SizedNet {
  const side = recipe.inputSize ?? options.recipe.inputSize;
  return {
    graph: options.graphOf(side),
    preprocessing: { ...options.preprocessing, inputSize: [side, side] },
  };
}

/** What a stage's step computes. */
export function stepOptions(
  options: FitOptions,
  recipe: StageRecipe,
  { graph, preprocessing }: SizedNet,
  weights: Weights,
): StepOptions {
  const { images } = options;
  const { stochasticDepth, layerDecay } = recipe;
  return {
    graph: stochasticDepth === undefined ? graph : withStochasticDepth(graph, stochasticDepth),
    weights,
    preprocessing,
    batchSize: options.recipe.batchSize,
    pictureShape: [images.channels, images.height, images.width],
    loss: recipe.loss,
    optimizer: recipe.optimizer,
    ...(recipe.clip === undefined ? {} : { clip: recipe.clip }),
    average: recipe.ema !== undefined,
    ...(layerDecay === undefined
      ? {}
      : { layerDecay: { decay: layerDecay, depths: layerDepths(graph, options.headStart) } }),
    ...(recipe.batchNormMomentum === undefined ? {} : { batchNormMomentum: recipe.batchNormMomentum }),
  };
}

/** Which batches a stage trains on. */
export function batchPlan(options: FitOptions, recipe: StageRecipe): BatchPlan {
  const { indices, classWeights } = samplingOf(options);
  return {
    batchSize: options.recipe.batchSize,
    seed: options.seed,
    indices,
    augmentation: recipe.augmentation,
    ...(classWeights === undefined ? {} : { classWeights }),
    ...(options.softLabels === undefined ? {} : { softLabels: options.softLabels }),
    ...(recipe.mixup === undefined ? {} : { mixup: recipe.mixup }),
    ...(recipe.cutmix === undefined ? {} : { cutmix: recipe.cutmix }),
  };
}
