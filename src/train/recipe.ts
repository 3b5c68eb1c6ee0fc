import type { Augmentation } from '../data/augment.js';
import type { CutMix, MixUp } from '../data/mixup.js';
import type { HeadOptions } from '../models/head.js';
import type { ClipConfig } from './clipping.js';
import type { LossConfig } from './losses.js';
import type { OptimizerConfig } from './optimizers/index.js';
import type { ScheduleConfig } from './schedules.js';
import type { TrainableRule } from './trainable.js';

/** Which figure of the validation part decides what is best. */
export type Monitor = 'valAccuracy' | 'valMacroAccuracy' | 'valLoss';

/** One stage of training: what trains, how long, and with which arithmetic. */
export interface StageRecipe {
  readonly name: string;
  /** Most epochs. */
  readonly epochs: number;
  /** Side of the input in pixels, when it is not the recipe's: small pictures train faster (progressive resizing). */
  readonly inputSize?: number;
  readonly trainable: TrainableRule;
  readonly loss: LossConfig;
  readonly optimizer: OptimizerConfig;
  readonly schedule: ScheduleConfig;
  readonly clip?: ClipConfig;
  /** Decay of the exponential moving average of weights, by which the stage is then judged; none when left out. */
  readonly ema?: number;
  /** Momentum of batch-norm statistics in place of the layers' own. */
  readonly batchNormMomentum?: number;
  /**
   * Discriminative learning rates (Howard & Ruder 2018; timm's `layer_decay`): each block learns at so many times the
   * rate of the one above it, the head at the full rate; 0..1, off when left out.
   */
  readonly layerDecay?: number;
  /** Stochastic depth (Huang et al. 2016; timm's `drop_path`): how often the last residual branch is left out, 0..1. */
  readonly stochasticDepth?: number;
  /**
   * Precise batch norm (Wu & Johnson 2021): before the stage is judged, moving statistics are computed anew over so
   * many training batches with the weights that are judged; off when left out.
   */
  readonly preciseBatchNorm?: number;
  /** Stop after so many epochs without a better figure; never when left out. */
  readonly patience?: number;
  readonly augmentation: Augmentation;
  readonly mixup?: MixUp;
  readonly cutmix?: CutMix;
}

/** What training labels are mixed from beside the pictures' own classes; weights are shares of the mixture. */
export interface SoftLabels {
  /** CSV of votes as FER+ has them, `file,<answer>,…`, also as `.gz`. */
  readonly votes?: string;
  /** Default 0.5. */
  readonly votesWeight?: number;
  /** Finished models: run folders, files or shipped models; their answers are averaged. */
  readonly teachers?: readonly string[];
  /** Of all teachers together; default 0.5. */
  readonly teacherWeight?: number;
  /**
   * Ask the teachers in every step about the very pictures that the student sees, augmented and mixed, in place of once
   * about the plain ones (function matching, Beyer et al. 2022). Costs a forward pass of each teacher per step.
   */
  readonly sameView?: boolean;
  /** Flattens (above 1) or sharpens (below 1) what teachers answer; default 1. */
  readonly temperature?: number;
}

/** One part of a cross-validation. */
export interface Fold {
  /** 1 to `of`. */
  readonly part: number;
  readonly of: number;
}

/** A whole training, as plain data: it is written to `args.yaml` and read back. */
export interface Recipe {
  readonly name: string;
  readonly batchSize: number;
  /** Side of the network's input in pixels, in the end and where a stage has none of its own. */
  readonly inputSize: number;
  /** Width of the net: its channels times this, 1 when left out. Pretrained weights have full width alone. */
  readonly alpha?: number;
  /** Side in pixels that pictures are brought to first, and kept at; 48 by default, or the input where that is smaller. */
  readonly sourceSize?: number;
  /** `grey` (default) keeps brightness alone, as FER2013 does; `rgb` keeps colour. */
  readonly colour?: 'grey' | 'rgb';
  readonly head: Omit<HeadOptions, 'classes'>;
  /** Share of the training images that is held out; 0 trains on all of them for the full number of epochs. */
  readonly validationFraction: number;
  /**
   * What stays on one side when a validation part is held out: `exact` copies (default), or whatever is `near`: crops,
   * other brightness, watermarks, mirror images of the same picture.
   */
  readonly splitGroups?: 'exact' | 'near';
  /** Cross-validation: part `part` of `of` validates in place of `validationFraction`; the seed decides the parts. */
  readonly fold?: Fold;
  /** File that lists pictures that do not train, by name below the data root; the validation part keeps them. */
  readonly exclude?: string;
  /** File of corrected labels: a name below the data root, a tab and a class per line; the split does not depend on it. */
  readonly relabel?: string;
  /** Seed of the division into training and validation part, so that runs of several seeds can share one; default the run's seed. */
  readonly splitSeed?: number;
  /**
   * Share of the training part that trains, for learning curves: so many of each class, the smaller share always among the
   * larger one of the same seed; 1 when left out.
   */
  readonly trainFraction?: number;
  /** Train on one image of each group of exact copies, and on none whose copies disagree about the class. */
  readonly dropCopies: boolean;
  /** Repeat minority classes up to this share of the largest; off when left out. */
  readonly oversample?: number;
  /** β of the effective-number class weights; off when left out. */
  readonly classWeightBeta?: number;
  /**
   * Further classes of the data that the backbone learns to tell apart too; the finished model does not answer them.
   * They train from the first epoch on and are not in the validation part.
   */
  readonly auxiliaryClasses?: readonly string[];
  /** Labels from people's votes and from teachers, mixed with the pictures' own. */
  readonly softLabels?: SoftLabels;
  /** Fit a temperature on the validation part once all stages are done (Guo et al. 2017), kept in the model's record. */
  readonly temperatureScaling?: boolean;
  readonly monitor: Monitor;
  readonly stages: readonly StageRecipe[];
}
