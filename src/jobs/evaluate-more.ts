import { checkInteger } from '../core/checks.js';
import { UsageError } from '../core/errors.js';
import type { Votes } from '../data/votes.js';
import type { ImageSet } from '../data/images.js';
import type { Predictions } from '../evaluate/predictions.js';
import type { Robustness } from '../evaluate/robustness/robustness.js';
import { worstAnswers, type WorstAnswers } from '../evaluate/worst/worst.js';
import type { Averaging } from '../predict/inference.js';
import type { Runtime } from '../runtime/session.js';
import type { AnyModel } from './any-model.js';
import type { JobHooks } from './events.js';
import { measureRobustness, writeRobustness } from './measure-robustness.js';
import { readVotes } from './read-votes.js';
import { writeWorst } from './write-worst.js';

/** What an evaluation measures beside its report. */
export interface MoreOptions {
  /** Also measure changed pictures: brightness, blur, JPEG, rotation, scale, occlusion; default false. */
  readonly robustness?: boolean;
  /** Seed of what is drawn for changed pictures; default 42. */
  readonly seed?: number;
  /** Also draw a sheet of so many of the surest wrong answers. */
  readonly worst?: number;
  /** CSV file of people's votes, shown beside the wrong answers. */
  readonly votes?: string;
}

/** What was found beside the report. */
export interface MoreOutcome {
  readonly robustness?: Robustness;
  readonly worst?: WorstAnswers;
}

interface Wanted {
  readonly robustness: boolean;
  readonly seed: number;
  readonly worst: number | undefined;
  readonly votes: Votes | undefined;
}

/**
 * Checks what more is wanted and reads the votes, before anything is measured.
 * @param writable whether there is a folder for the report
 * @throws UsageError for votes without `worst`, and for `worst` without a folder
 * @throws InputError when the votes cannot be read
 */
export function checkMore(
  { robustness = false, seed = 42, worst, votes }: MoreOptions,
  writable: boolean,
): Wanted {
  if (worst === undefined && votes !== undefined) {
    const received = 'votes without --worst';
    throw new UsageError({ where: '--votes', received, expected: 'both, e.g. --worst 50 --votes votes.csv' });
  }
  if (worst !== undefined && !writable) {
    const received = 'no folder for the sheet of pictures';
    throw new UsageError({
      where: '--worst',
      received,
      expected: '--out FOLDER, or a run folder as the model',
    });
  }
  if (worst !== undefined) checkInteger('--worst', worst, 1, 500);
  return { robustness, seed, worst, votes: votes === undefined ? undefined : readVotes('--votes', votes) };
}

/** What was measured already. */
interface Measured {
  readonly images: ImageSet;
  readonly indices: readonly number[];
  readonly split: string;
  readonly average: Averaging;
  readonly predictions: Predictions;
  readonly out: string | undefined;
}

/** Measures what more is wanted, and writes it where the report is. @throws InputError when it cannot be written */
export async function evaluateMore(
  job: { readonly runtime: Runtime; readonly model: AnyModel; readonly hooks: JobHooks },
  { images, indices, split, average, predictions, out }: Measured,
  { robustness, seed, worst: count, votes }: Wanted,
): Promise<MoreOutcome> {
  const outcome: { robustness?: Robustness; worst?: WorstAnswers } = {};
  if (count !== undefined) {
    const given = votes === undefined ? {} : { votes };
    const { files } = predictions;
    outcome.worst = worstAnswers({ split, scores: predictions, files, count, ...given });
    if (out !== undefined) await writeWorst(out, outcome.worst, images);
  }
  if (robustness) {
    outcome.robustness = await measureRobustness(
      { ...job, images, indices, split, average, seed },
      job.hooks,
    );
    if (out !== undefined) writeRobustness(out, outcome.robustness);
  }
  return outcome;
}
