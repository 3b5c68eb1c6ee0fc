import type { Interval } from '../metrics.js';
import type { McNemarMethod } from '../mcnemar.js';

/** Figures of one run on one part of the data; shares in [0, 1]. */
export interface SplitFigures {
  readonly n: number;
  readonly accuracy: number;
  /** 95 % Wilson interval of `accuracy`. */
  readonly interval: Interval;
  readonly macroAccuracy: number;
}

/** Means over the seeds of a model, with sample standard deviations; these are null for one seed. */
export interface SeedFigures extends SplitFigures {
  readonly accuracyDeviation: number | null;
  readonly macroDeviation: number | null;
}

/** Time of one forward pass of one picture, in milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  /** Passes that were timed. */
  readonly runs: number;
}

/** One training; null where nothing was measured. */
export interface ComparedRun {
  /** Run folder. */
  readonly folder: string;
  readonly seed: number;
  readonly validation: SplitFigures | null;
  readonly test: SplitFigures | null;
  readonly epochs: number;
  /** Epoch whose weights were kept, counted from 1 through all stages. */
  readonly bestEpoch: number | null;
  /** Milliseconds of a training step of the last stage: batch size by the median rate of its epochs. */
  readonly stepMilliseconds: number | null;
  /** Seconds of all epochs up to the best. */
  readonly secondsToBest: number | null;
}

/** What the first run of a model says about all. */
export interface ModelFacts {
  readonly net: string;
  /** What the training started from. */
  readonly weights: string;
  readonly recipe: string;
  /** Side of the network's input in pixels. */
  readonly inputSize: number;
  readonly batchSize: number;
  /** All weight values, as Keras counts them. */
  readonly parameters: number;
  /** Multiply–accumulates of one picture. */
  readonly macs: number;
  /** Size of `best_model_float32.keras`. */
  readonly bytes: number;
  readonly latency: Latency | null;
}

/** One row of a comparison. */
export interface ComparedModel extends ModelFacts {
  /** The net, or the net and the run folder where several rows have the same net. */
  readonly name: string;
  readonly validation: SeedFigures | null;
  readonly test: SeedFigures | null;
  /** Mean over the seeds. */
  readonly stepMilliseconds: number | null;
  /** Mean over the seeds. */
  readonly secondsToBest: number | null;
  /** Test accuracy that the reference project reports for the net, where it is comparable. */
  readonly reference: number | null;
  readonly runs: readonly ComparedRun[];
}

/** McNemar's test of two models on the same images. */
export interface ComparedPair {
  readonly first: string;
  readonly second: string;
  /** Seeds of the two runs. */
  readonly seeds: readonly [number, number];
  readonly n: number;
  /** Images that the first alone got right. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Accuracy of the first less that of the second. */
  readonly difference: number;
  readonly p: number;
  readonly method: McNemarMethod;
  /** `p` raised for the number of pairs by Holm's method. */
  readonly pHolm: number;
  /** Whether `pHolm` is below .05. */
  readonly significant: boolean;
}

/** What the figures were measured with. */
export interface Machine {
  readonly cpu: string;
  readonly threads: number;
  readonly runtime: string;
  readonly node: string;
}

/** The content of `comparison.json`. */
export interface Comparison {
  readonly version: 1;
  readonly classes: readonly string[];
  /** Whether the pictures are drawn faces, of which no figure may pass for one of photographs. */
  readonly drawn: boolean;
  /** The part by which models are compared: `test`, or `validation` where there is no test part. */
  readonly split: 'test' | 'validation' | null;
  readonly machine: Machine;
  readonly models: readonly ComparedModel[];
  readonly pairs: readonly ComparedPair[];
  /** What the reader of the figures should know. */
  readonly notes: readonly string[];
}

/** The figures by which a model is compared. */
export function comparedFigures(model: ComparedModel, split: Comparison['split']): SeedFigures | null {
  return split === null ? null : model[split];
}
