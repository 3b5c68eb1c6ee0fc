import type { JobHooks } from './events.js';
import type { PlannedTraining } from './compare-options.js';
import { stateOf, type RunState } from './compare-runs.js';
import { trainingClasses } from './load-classes.js';
import { startingModel } from './starting-model.js';
import type { TrainOutcome } from './train-job.js';
import type { ThreadedTraining } from './train-thread.js';

/** Runs one training, e.g. `trainInThread`. */
export type Train = (training: ThreadedTraining, hooks: JobHooks) => Promise<TrainOutcome>;

/**
 * Trains what is not trained yet, one after another: a finished run folder is left as it is, an unfinished one
 * is gone on with.
 *
 * @returns false when asked to stop; the same call goes on from there
 * @throws InputError as a training does, and when a run folder holds a run of other settings
 */
export async function trainAll(
  trainings: readonly PlannedTraining[],
  train: Train,
  hooks: JobHooks,
): Promise<boolean> {
  const states = trainings.map(({ out, settings }) => stateOf(out, settings));
  await checkStarts(trainings.filter((_, i) => states[i] === 'new'));
  for (const [i, training] of trainings.entries()) {
    const state = states[i] ?? 'new';
    hooks.onEvent?.({ kind: 'note', text: announcement(training, state, `${i + 1} of ${trainings.length}`) });
    if (state === 'finished') continue;
    if (hooks.shouldStop?.() === true) return false;
    const { settings: _settings, ...rest } = training;
    const { finished } = await train(state === 'unfinished' ? { ...rest, resume: true } : training, hooks);
    if (!finished) return false;
  }
  return true;
}

/** Finds what is wrong with the weights of any net before hours went into another. */
async function checkStarts(trainings: readonly PlannedTraining[]): Promise<void> {
  const checked = new Set<string>();
  for (const { settings, weightSearch } of trainings) {
    // A wrong path is said before weights are downloaded.
    trainingClasses(settings.data);
    if (checked.has(settings.model)) continue;
    checked.add(settings.model);
    await startingModel(settings, weightSearch);
  }
}

function announcement({ settings, out }: PlannedTraining, state: RunState, place: string): string {
  const what = `${settings.model}, seed ${settings.seed} (${place})`;
  if (state === 'finished') return `${what}: taken from ${out}`;
  if (state === 'unfinished') return `${what}: going on in ${out}`;
  return `${what}: training from weights "${settings.weights}" into ${out}`;
}
