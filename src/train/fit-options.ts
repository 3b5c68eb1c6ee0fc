import type { Preprocessing } from '../core/preprocessing.js';
import type { Batch, BatchPlan } from '../data/batches.js';
import { countLabels, type ImageSet } from '../data/images.js';
import type { BatchSource, PrefetchOptions } from '../data/prefetch.js';
import { effectiveNumberWeights, oversample } from '../data/sampling.js';
import type { LayerGraph } from '../models/layer-graph.js';
import type { Weights } from '../models/model.js';
import type { Runtime } from '../runtime/session.js';
import type { EpochRecord } from './log/csv-log.js';
import type { ProgressState } from './log/progress.js';
import type { Recipe } from './recipe.js';
import type { TrainingState } from './training-state.js';

/** Which images train and which judge; indices into one image set. */
export interface TrainingSplit {
  readonly train: readonly number[];
  readonly validation: readonly number[];
}

/** What a training run tells the outside, and asks it. */
export interface TrainerHooks {
  onProgress?(state: ProgressState): void;
  /** After every epoch, before its checkpoint. */
  onEpoch?(record: EpochRecord): void;
  /** When a stage's best figure was beaten, with the weights that did it. */
  onBest?(weights: Weights, value: number): void;
  /** When a state worth keeping is reached: after each epoch, and when stopping. */
  onCheckpoint?(state: TrainingState): void;
  /** Asked after every step; true finishes the step, checkpoints and returns. */
  shouldStop?(): boolean;
}

/** Makes the model that answers out of the one that trains. */
export interface Answering {
  graph(graph: LayerGraph): LayerGraph;
  weights(weights: Weights): Weights;
  /** How many of the data's classes it answers: the first ones. */
  readonly classes: number;
}

/** Somebody who labels every batch anew, a function of its pictures and labels alone. */
export interface Teaching {
  /** The batch with other label rows; what it is given stays as it is. */
  label(batch: Batch): Promise<Batch>;
  close(): Promise<void>;
}

/** Everything that {@link fit} needs. */
export interface FitOptions {
  readonly runtime: Runtime;
  /** Block size of the fast kernels; undefined: portable ones. */
  readonly block: number | undefined;
  /** The model for an input of so many pixels; the weights are the same at any size. */
  readonly graphOf: (inputSize: number) => LayerGraph;
  /** What is judged and kept: the training's graph and weights without what only the training needs. */
  readonly answering?: Answering;
  /** Starting weights; not changed. */
  readonly weights: Weights;
  /** Name of the first layer of the head. */
  readonly headStart: string;
  readonly preprocessing: Preprocessing;
  readonly images: ImageSet;
  readonly split: TrainingSplit;
  /** Label rows `[image, classes]` over all images for training, in place of one-hot labels; each sums to 1. */
  readonly softLabels?: Float32Array;
  /** Labels batches as they come; not closed here. */
  readonly teaching?: Teaching;
  readonly recipe: Recipe;
  readonly seed: number;
  /** Opens a source of training batches: prefetched in a worker, or in line. */
  openBatches(images: ImageSet, plan: BatchPlan, options: PrefetchOptions): Promise<BatchSource>;
  readonly hooks?: TrainerHooks;
  /** Go on from here. */
  readonly resume?: TrainingState;
}

/** Training images after oversampling, and class weights, as a recipe wants them. */
export function samplingOf({
  recipe,
  images,
  split,
  seed,
}: Pick<FitOptions, 'recipe' | 'images' | 'split' | 'seed'>) {
  const labels = Int32Array.from(split.train, (image) => images.labels[image] ?? 0);
  const classes = images.classes.length;
  const positions =
    recipe.oversample === undefined
      ? [...labels.keys()]
      : oversample(labels, classes, { ratio: recipe.oversample, seed });
  const counts = countLabels(labels, classes);
  return {
    indices: Int32Array.from(positions, (position) => split.train[position] ?? 0),
    counts,
    classWeights:
      recipe.classWeightBeta === undefined
        ? undefined
        : effectiveNumberWeights(counts, recipe.classWeightBeta),
  };
}
