/** Learning rate over the steps of a stage. */
export type ScheduleConfig =
  | { readonly name: 'constant'; readonly learningRate: number }
  | {
      readonly name: 'warmupCosine';
      /** Highest rate, reached after the warm-up. */
      readonly learningRate: number;
      readonly minLearningRate: number;
      readonly warmupEpochs: number;
    };

/**
 * The learning rate of a step.
 *
 * WarmupCosine rises linearly from 0, `lr·step/warm-up`, then follows half a cosine (Loshchilov & Hutter 2017)
 * down to `minLearningRate` at the last step.
 *
 * @param step 0 for the first step of the stage
 * @param stepsPerEpoch steps in one epoch
 * @param totalSteps steps in the whole stage
 * @example learningRateAt({ name: 'constant', learningRate: 1e-3 }, 0, 100, 1000); // 0.001
 */
export function learningRateAt(
  schedule: ScheduleConfig,
  step: number,
  stepsPerEpoch: number,
  totalSteps: number,
): number {
  if (schedule.name === 'constant') return schedule.learningRate;
  const { learningRate, minLearningRate, warmupEpochs } = schedule;
  const warmup = Math.min(Math.floor(warmupEpochs * stepsPerEpoch), totalSteps);
  if (step < warmup) return (learningRate * step) / warmup;
  const progress = Math.min(1, (step - warmup) / Math.max(1, totalSteps - warmup));
  return minLearningRate + ((learningRate - minLearningRate) * (1 + Math.cos(Math.PI * progress))) / 2;
}
