import { at } from '../../core/checks.js';

/** A trial as the scheduler sees it. */
export interface Contender {
  /** How good it was at each rung that it reached; higher is better. */
  readonly gains: readonly number[];
  /** Rung to which it was on its way when it was interrupted. */
  readonly target?: number;
  /** At work, failed, or otherwise not to be started. */
  readonly blocked: boolean;
}

/** What to do next: train a trial up to a rung. */
export interface Promotion {
  readonly trial: number;
  readonly rung: number;
}

/**
 * The next job of asynchronous successive halving (Li et al., "A System for Massively Parallel Hyperparameter Tuning",
 * MLSys 2020, algorithm 2): from the top rung down, promote the best trial that is among the best 1/η of its rung and
 * has not been promoted; where there is none, start another one. What was interrupted goes first. With a single rung
 * it deals out the trials one after another.
 *
 * @param rungs number of rungs
 * @param reduction η, above 1
 * @returns undefined when nothing can be started now
 */
export function nextPromotion(
  trials: readonly Contender[],
  rungs: number,
  reduction: number,
): Promotion | undefined {
  const interrupted = trials.findIndex(
    ({ target, blocked, gains }) => !blocked && (target ?? -1) >= gains.length,
  );
  if (interrupted >= 0) return { trial: interrupted, rung: at(trials, interrupted).target ?? 0 };
  for (let rung = rungs - 2; rung >= 0; rung--) {
    const reached = [...trials.keys()].filter((trial) => at(trials, trial).gains.length > rung);
    const best = reached.sort((a, b) => gain(trials, b, rung) - gain(trials, a, rung) || a - b);
    const promoted = best
      .slice(0, Math.floor(best.length / reduction))
      .find((trial) => at(trials, trial).gains.length === rung + 1 && !at(trials, trial).blocked);
    if (promoted !== undefined) return { trial: promoted, rung: rung + 1 };
  }
  const fresh = trials.findIndex(({ gains, blocked }) => gains.length === 0 && !blocked);
  return fresh < 0 ? undefined : { trial: fresh, rung: 0 };
}

function gain(trials: readonly Contender[], trial: number, rung: number): number {
  return at(trials, trial).gains[rung] ?? -Infinity;
}

/** Epochs at which trials are judged: `least`, times η each, and `most` at the end. */
export function rungEpochs(least: number, most: number, reduction: number): number[] {
  const rungs: number[] = [];
  for (let epochs = least; Math.round(epochs) < most; epochs *= reduction) rungs.push(Math.round(epochs));
  return [...rungs, most];
}
