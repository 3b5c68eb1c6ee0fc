import { InputError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { createBatchMaker, type Batch } from '../data/batches.js';
import type { BatchSource } from '../data/prefetch.js';
import { kernelsFor } from '../lower/kernels.js';
import type { Weights } from '../models/model.js';
import { PreciseBatchNorm } from './precise-batch-norm.js';
import type { StageRecipe } from './recipe.js';
import { learningRateAt } from './schedules.js';
import { StageClock } from './stage-clock.js';
import { batchPlan, sizedNet, stepOptions, type SizedNet } from './stage-options.js';
import { Stepper } from './stepper.js';
import type { FitOptions } from './fit-options.js';
import { applyTrainable } from './trainable.js';
import { NO_SUMS, type Best, type EpochSums, type TrainingState } from './training-state.js';
import { validate, type Validation } from './validation.js';

/** Validation runs in batches of this many pictures. */
const VALIDATION_BATCH = 64;

/** Runs one stage from a state to its end or to a stop. */
export async function runStage(
  options: FitOptions,
  from: TrainingState,
): Promise<{ finished: boolean; state: TrainingState }> {
  const stage = await Stage.open(options, from);
  try {
    return await stage.run();
  } finally {
    await stage.close();
  }
}

class Stage {
  private readonly clock: StageClock;
  private epoch: number;
  private batch: number;
  private sums: EpochSums;
  private best: Best | undefined;
  private bestWeights: Weights | undefined;
  private recalibration: PreciseBatchNorm | undefined;

  private constructor(
    private readonly options: FitOptions,
    private readonly from: TrainingState,
    private readonly recipe: StageRecipe,
    private readonly net: SizedNet,
    private readonly stepper: Stepper,
    private readonly source: BatchSource,
  ) {
    ({
      epoch: this.epoch,
      batch: this.batch,
      sums: this.sums,
      best: this.best,
      bestWeights: this.bestWeights,
    } = from);
    this.clock = new StageClock(options.recipe, from, source.batchesPerEpoch);
  }

  static async open(options: FitOptions, from: TrainingState): Promise<Stage> {
    const recipe = options.recipe.stages[from.stage];
    if (recipe === undefined) throw new RangeError(`no stage ${from.stage}`);
    const net = sizedNet(options, recipe);
    applyTrainable(net.graph, options.headStart, recipe.trainable);
    const kernels = kernelsFor(options.block, options.recipe.batchSize);
    const step = stepOptions(options, recipe, net, from.weights);
    const stepper = await Stepper.create(options.runtime, kernels, step);
    stepper.restore(from.vectors);
    const start = { epoch: from.epochsBefore + from.epoch, batch: from.batch };
    const source = await options.openBatches(options.images, batchPlan(options, recipe), { start });
    return new Stage(options, from, recipe, net, stepper, source);
  }

  async run(): Promise<{ finished: boolean; state: TrainingState }> {
    while (this.epoch < this.recipe.epochs) {
      const stopped = await this.runEpoch();
      if (stopped) return { finished: false, state: this.checkpoint() };
      await this.endEpoch();
      if (this.isStale()) break;
      if (this.epoch < this.recipe.epochs && this.isAskedToStop())
        return { finished: false, state: this.checkpoint() };
    }
    const state = this.finalState();
    this.options.hooks?.onCheckpoint?.(state);
    return { finished: true, state };
  }

  async close(): Promise<void> {
    await this.source.close();
    await this.stepper.close();
    await this.recalibration?.close();
  }

  /** The remaining steps of an epoch; true when asked to stop on the way. */
  private async runEpoch(): Promise<boolean> {
    const { hooks } = this.options;
    while (this.batch < this.source.batchesPerEpoch) {
      const started = performance.now();
      const { loss, correct } = await this.runStep();
      const seconds = (performance.now() - started) / 1000;
      this.batch++;
      this.sums = added(this.sums, { loss, correct, steps: 1, seconds });
      hooks?.onProgress?.(this.clock.progress(this.epoch, this.batch, this.sums));
      // After the last step the epoch is ended first: its figures would be lost otherwise.
      if (this.batch < this.source.batchesPerEpoch && this.isAskedToStop()) return true;
    }
    return false;
  }

  private isAskedToStop(): boolean {
    return this.options.hooks?.shouldStop?.() === true;
  }

  private async runStep(): Promise<{ loss: number; correct: number }> {
    const batch = this.source.take();
    const index = this.epoch * this.source.batchesPerEpoch + this.batch;
    const random = createRandom(this.options.seed).fork('step', this.from.stage, index);
    const result = await this.stepper.run(await this.labelled(batch), {
      step: index + 1,
      learningRate: this.learningRate(index),
      averageDecay: averageDecay(this.recipe.ema ?? 0, index),
      random,
    });
    this.source.recycle(batch);
    if (!Number.isFinite(result.loss)) throw this.notFinite(result.loss);
    return result;
  }

  private async labelled(batch: Batch): Promise<Batch> {
    const { teaching } = this.options;
    if (teaching === undefined) return batch;
    const started = performance.now();
    const labelled = await teaching.label(batch);
    this.clock.taught((performance.now() - started) / 1000);
    return labelled;
  }

  private learningRate(step: number): number {
    const { batchesPerEpoch } = this.source;
    return learningRateAt(this.recipe.schedule, step, batchesPerEpoch, this.recipe.epochs * batchesPerEpoch);
  }

  /** Validates, keeps the best, reports and checkpoints. */
  private async endEpoch(): Promise<void> {
    const started = performance.now();
    const weights = await this.judgedWeights();
    const validation = await this.validation(weights);
    const { monitor } = this.options.recipe;
    const value = validation === undefined ? this.epoch : figure(validation, monitor);
    const epoch = this.from.epochsBefore + this.epoch + 1;
    if (
      this.best === undefined ||
      isBetter(value, this.best.value, validation === undefined ? 'valAccuracy' : monitor)
    ) {
      this.best = { epoch, value };
      this.bestWeights = weights;
      this.options.hooks?.onBest?.(this.options.answering?.weights(weights) ?? weights, value);
    }
    const sums = added(this.sums, {
      loss: 0,
      correct: 0,
      steps: 0,
      seconds: (performance.now() - started) / 1000,
    });
    const lr = this.learningRate((this.epoch + 1) * this.source.batchesPerEpoch - 1);
    this.options.hooks?.onEpoch?.(this.clock.record(epoch, sums, validation, lr));
    this.epoch++;
    this.batch = 0;
    this.sums = NO_SUMS;
    const more = this.epoch < this.recipe.epochs && !this.isStale();
    if (more) this.checkpoint();
  }

  private async validation(weights: Weights): Promise<Validation | undefined> {
    const { runtime, images, split, answering } = this.options;
    if (split.validation.length === 0) return undefined;
    const { graph, preprocessing } = this.net;
    const inference = {
      graph: answering?.graph(graph) ?? graph,
      weights: answering?.weights(weights) ?? weights,
      preprocessing,
      batchSize: VALIDATION_BATCH,
    };
    const classes = images.classes.slice(0, answering?.classes);
    return validate(runtime, inference, { ...images, classes }, split.validation);
  }

  private isStale(): boolean {
    const { patience } = this.recipe;
    if (patience === undefined || this.best === undefined) return false;
    return this.from.epochsBefore + this.epoch - this.best.epoch >= patience;
  }

  /** What the epoch is judged by: the average of the weights where there is one, with statistics that belong to it. */
  private async judgedWeights(): Promise<Weights> {
    const weights = this.currentWeights();
    const { recipe, options, net } = this;
    if (recipe.preciseBatchNorm === undefined) return weights;
    this.recalibration ??= await PreciseBatchNorm.create(
      options.runtime,
      kernelsFor(options.block, options.recipe.batchSize),
      stepOptions(options, recipe, net, weights),
    );
    return this.recalibration.recalibrate(weights, this.unmixedBatches(recipe.preciseBatchNorm));
  }

  /** Pictures as the epoch had them, less MixUp and CutMix: in use no picture is a mixture. */
  private *unmixedBatches(most: number): Generator<Batch> {
    const {
      mixup: _mixup,
      cutmix: _cutmix,
      softLabels: _labels,
      ...plan
    } = batchPlan(this.options, this.recipe);
    const maker = createBatchMaker(this.options.images, plan);
    const epoch = this.from.epochsBefore + this.epoch;
    for (let i = 0; i < Math.min(most, maker.batchesPerEpoch); i++) yield maker.make(epoch, i);
  }

  private currentWeights(which?: 'parameters'): Weights {
    const weights = new Map(this.from.weights);
    this.stepper.exportWeights(weights, which ?? (this.recipe.ema === undefined ? 'parameters' : 'average'));
    return weights;
  }

  private checkpoint(): TrainingState {
    const state: TrainingState = {
      ...this.from,
      epoch: this.epoch,
      batch: this.batch,
      best: this.best,
      sums: this.sums,
      weights: this.from.weights,
      bestWeights: this.bestWeights,
      vectors: this.stepper.snapshot(),
    };
    this.options.hooks?.onCheckpoint?.(state);
    return state;
  }

  /** The state from which the next stage starts: best weights, no optimizer state. */
  private finalState(): TrainingState {
    return {
      stage: this.from.stage + 1,
      epoch: 0,
      batch: 0,
      epochsBefore: this.from.epochsBefore + this.epoch,
      best: undefined,
      sums: NO_SUMS,
      weights: this.bestWeights ?? this.currentWeights(),
      bestWeights: undefined,
      vectors: new Map(),
    };
  }

  private notFinite(loss: number): InputError {
    return new InputError({
      where: `stage "${this.recipe.name}", epoch ${this.epoch + 1}, step ${this.batch + 1}`,
      received: `a loss of ${loss}`,
      expected: 'a finite loss',
      remedy: 'lower the learning rate; the best weights so far are kept',
    });
  }
}

/** Shorter memory at the start, as TensorFlow's ExponentialMovingAverage with `num_updates`. */
function averageDecay(decay: number, step: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}

function added(a: EpochSums, b: EpochSums): EpochSums {
  return {
    loss: a.loss + b.loss,
    correct: a.correct + b.correct,
    steps: a.steps + b.steps,
    seconds: a.seconds + b.seconds,
  };
}

function figure(validation: Validation, monitor: FitOptions['recipe']['monitor']): number {
  if (monitor === 'valLoss') return validation.loss;
  return monitor === 'valAccuracy' ? validation.accuracy : validation.macroAccuracy;
}

function isBetter(value: number, best: number, monitor: FitOptions['recipe']['monitor']): boolean {
  return monitor === 'valLoss' ? value < best : value > best;
}
