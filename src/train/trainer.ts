import type { Weights } from '../models/model.js';
import type { FitOptions } from './fit-options.js';
import { runStage } from './stage.js';
import { NO_SUMS, type TrainingState } from './training-state.js';

export type { FitOptions, TrainerHooks, TrainingSplit } from './fit-options.js';

/** What a training leaves. */
export interface FitResult {
  readonly finished: boolean;
  readonly weights: Weights;
  /** Where it stopped. */
  readonly state: TrainingState;
}

/**
 * Trains a model by a recipe, stage after stage; each stage starts from the best weights of the one before.
 *
 * The result is a function of weights, images, split, recipe and seed: a run that is stopped and resumed
 * equals an undisturbed one bit for bit.
 *
 * @throws InputError when the loss is not finite
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  let state = options.resume ?? initialState(options.weights);
  for (; state.stage < options.recipe.stages.length;) {
    const { finished, state: next } = await runStage(options, state);
    state = next;
    if (!finished) return { finished: false, weights: state.weights, state };
  }
  return { finished: true, weights: options.answering?.weights(state.weights) ?? state.weights, state };
}

function initialState(weights: Weights): TrainingState {
  return {
    stage: 0,
    epoch: 0,
    batch: 0,
    epochsBefore: 0,
    best: undefined,
    sums: NO_SUMS,
    weights: new Map(weights),
    bestWeights: undefined,
    vectors: new Map(),
  };
}
