import type { EpochRecord } from './log/csv-log.js';
import type { ProgressState } from './log/progress.js';
import type { Recipe } from './recipe.js';
import type { EpochSums, TrainingState } from './training-state.js';
import type { Validation } from './validation.js';

/** Seconds over which the rate shown is averaged, roughly. */
const MEMORY = 0.95;

/** Turns counts and seconds of a stage into what people read. */
export class StageClock {
  private secondsPerStep: number | undefined;
  private last: number | undefined;
  private teacher: number | undefined;

  constructor(
    private readonly recipe: Recipe,
    private readonly from: TrainingState,
    private readonly batchesPerEpoch: number,
  ) {}

  /** Where the run stands after a step. */
  progress(epoch: number, batch: number, sums: EpochSums): ProgressState {
    this.tick();
    const { batchSize } = this.recipe;
    const seconds = this.secondsPerStep ?? 0;
    const teacher = this.teacher;
    const epochs = this.recipe.stages[this.from.stage]?.epochs ?? 0;
    const stepsLeft = (epochs - epoch) * this.batchesPerEpoch - batch;
    return {
      stage: this.from.stage + 1,
      epoch: epoch + 1,
      epochs,
      step: batch,
      steps: this.batchesPerEpoch,
      imagesPerSecond: seconds === 0 ? 0 : batchSize / seconds,
      secondsLeft: seconds === 0 ? null : stepsLeft * seconds,
      loss: sums.steps === 0 ? null : sums.loss / sums.steps,
      accuracy: sums.steps === 0 ? null : sums.correct / (sums.steps * batchSize),
      ...(teacher === undefined ? {} : { teacherMilliseconds: 1000 * teacher }),
    };
  }

  /** Counts what teachers took of a step. */
  taught(seconds: number): void {
    this.teacher = smoothed(this.teacher, seconds);
  }

  /** The row of a finished epoch. */
  record(epoch: number, sums: EpochSums, validation: Validation | undefined, lr: number): EpochRecord {
    const images = sums.steps * this.recipe.batchSize;
    return {
      epoch,
      stage: this.from.stage + 1,
      loss: sums.loss / sums.steps,
      accuracy: sums.correct / images,
      macroAccuracy: null,
      valLoss: validation?.loss ?? null,
      valAccuracy: validation?.accuracy ?? null,
      valMacroAccuracy: validation?.macroAccuracy ?? null,
      lr,
      seconds: sums.seconds,
      imagesPerSecond: sums.seconds === 0 ? 0 : images / sums.seconds,
    };
  }

  private tick(): void {
    const now = performance.now();
    if (this.last !== undefined) {
      this.secondsPerStep = smoothed(this.secondsPerStep, (now - this.last) / 1000);
    }
    this.last = now;
  }
}

function smoothed(old: number | undefined, seconds: number): number {
  return old === undefined ? seconds : MEMORY * old + (1 - MEMORY) * seconds;
}
