import type { Weights } from '../models/model.js';

/** The best epoch so far of a stage. */
export interface Best {
  /** Counted from 1 through all stages. */
  readonly epoch: number;
  /** Value of the monitored figure. */
  readonly value: number;
}

/** Sums over the steps of a running epoch. */
export interface EpochSums {
  readonly loss: number;
  readonly correct: number;
  readonly steps: number;
  readonly seconds: number;
}

/** Where a training stands between two steps: everything that is needed to go on from there. */
export interface TrainingState {
  /** Stage, from 0. */
  readonly stage: number;
  /** Epoch within the stage and step within the epoch, from 0: the next to run. */
  readonly epoch: number;
  readonly batch: number;
  /** Epochs finished in earlier stages. */
  readonly epochsBefore: number;
  readonly best: Best | undefined;
  readonly sums: EpochSums;
  /** All weights of the model; those that train are superseded by `vectors`. */
  readonly weights: Weights;
  readonly bestWeights: Weights | undefined;
  /** Parameters, optimizer state, average and statistics; empty between stages. */
  readonly vectors: ReadonlyMap<string, Float32Array>;
}

/** No steps yet. */
export const NO_SUMS: EpochSums = { loss: 0, correct: 0, steps: 0, seconds: 0 };
