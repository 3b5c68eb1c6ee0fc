import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

import { at } from '../../core/checks.js';
import { InputError, messageOf } from '../../core/errors.js';
import type { SweepResult } from '../../evaluate/sweep/result.js';
import { readCsvLog } from '../../train/log/csv-log.js';
import type { Monitor } from '../../train/recipe.js';
import { bestEpochOf } from '../compare-measure.js';
import { stateOf } from '../compare-runs.js';
import type { JobHooks } from '../events.js';
import { trainingClasses } from '../load-classes.js';
import { runFolder } from '../run-folder.js';
import { nextPromotion, type Promotion } from './asha.js';
import {
  epochsOf,
  parseSweepFile,
  planSweep,
  type PlannedTrial,
  type SweepPlaces,
  type SweepPlan,
} from './plan.js';
import { resultOf, writeResult } from './sweep-result.js';
import { readAllStates, readState, statePath, writeState, type Shard, type TrialState } from './state.js';
import { runInProcess, type RunTrial } from './trial-process.js';

/** What {@link sweepJob} does. */
export interface SweepOptions extends SweepPlaces {
  /** Path of `sweep.yaml`. */
  readonly file: string;
  /** Trainings at the same time, in place of the file's number. */
  readonly workers?: number;
  /** Does every n-th trial only. */
  readonly shard?: Shard;
  /** Trains nothing; makes the table from what is there, of all shards. */
  readonly report?: boolean;
  /** Tries trials again that failed. */
  readonly retry?: boolean;
  /** Runs a training; default a process of its own. */
  readonly run?: RunTrial;
}

/** What a sweep leaves. */
export interface SweepOutcome {
  readonly finished: boolean;
  readonly out: string;
  readonly result: SweepResult;
}

/**
 * Searches over a recipe's settings: a grid, random draws, or asynchronous successive halving. Trials are judged by
 * their validation part alone; the test part is not looked at. The same call goes on after an interruption.
 *
 * @throws InputError when the file, a setting or the data is wrong, or no trial came to an end
 * @example
 * const { result } = await sweepJob({ file: 'sweep.yaml', workers: 2 });
 * console.log(result.rows[0]?.values);
 */
export async function sweepJob(options: SweepOptions, hooks: JobHooks = {}): Promise<SweepOutcome> {
  const file = parseSweepFile(readFile(options.file), options.file);
  const plan = planSweep(file, options);
  // A wrong path is said once, and not by every trial.
  if (options.report !== true) trainingClasses(at(plan.trials, 0).training.settings.data);
  const sweep = options.report === true ? undefined : new Sweep(plan, options, hooks);
  const finished = sweep === undefined ? true : await sweep.run();
  const states = readAllStates(plan.out, file);
  const result = resultOf(plan, states);
  writeResult(plan.out, result);
  if (finished && result.rows.every(({ mean }) => mean === null)) throw nothingToShow(plan.out, states);
  return { finished, out: plan.out, result };
}

class Sweep {
  private readonly states: Map<number, TrialState>;
  private readonly own: readonly PlannedTrial[];
  private readonly active = new Map<number, Promise<void>>();
  private readonly workers: number;
  private done = 0;

  constructor(
    private readonly plan: SweepPlan,
    private readonly options: SweepOptions,
    private readonly hooks: JobHooks,
  ) {
    const { part, of } = options.shard ?? { part: 1, of: 1 };
    this.own = plan.trials.filter(({ index }) => index % of === part - 1);
    this.states = readState(this.path, plan.file);
    this.workers = options.workers ?? plan.file.workers;
    for (const { index, values } of this.own)
      this.states.set(index, this.opened(this.states.get(index), values));
    this.done = [...this.states.values()].filter(({ status }) => status === 'finished').length;
  }

  /** Works until nothing is left to do; false when asked to stop before. */
  async run(): Promise<boolean> {
    this.note(`${this.own.length} trials, ${this.done} finished, into ${this.plan.out}`);
    for (;;) {
      while (this.active.size < this.workers && !this.stopped()) {
        const job = this.next();
        if (job === undefined) break;
        this.start(job);
      }
      if (this.active.size === 0) return this.next() === undefined;
      await Promise.race(this.active.values());
    }
  }

  private get path(): string {
    return statePath(this.plan.out, this.options.shard);
  }

  private get rungs(): number {
    return this.plan.rungs?.length ?? 1;
  }

  /** A trial as an earlier call left it. */
  private opened(state: TrialState | undefined, values: TrialState['values']): TrialState {
    if (state === undefined || (state.status === 'failed' && this.options.retry === true)) {
      return { status: 'waiting', values, reached: state?.reached ?? [] };
    }
    return state;
  }

  private stopped(): boolean {
    return this.hooks.shouldStop?.() === true;
  }

  private next(): Promotion | undefined {
    const sign = this.plan.metric === 'valLoss' ? -1 : 1;
    const contenders = this.own.map(({ index }) => {
      const { status, reached, target } = this.stateOf(index);
      const blocked = this.active.has(index) || status === 'failed' || status === 'finished';
      return {
        gains: reached.map((value) => sign * value),
        blocked,
        ...(target === undefined ? {} : { target }),
      };
    });
    const job = nextPromotion(contenders, this.rungs, this.plan.file.asha.reduction);
    return job && { ...job, trial: at(this.own, job.trial).index };
  }

  private stateOf(index: number): TrialState {
    return this.states.get(index) ?? { status: 'waiting', values: {}, reached: [] };
  }

  private set(index: number, change: Partial<TrialState>): void {
    this.states.set(index, { ...this.stateOf(index), ...change });
    writeState(this.path, this.plan.file, this.states);
  }

  private start({ trial: index, rung }: Promotion): void {
    const trial = at(this.plan.trials, index);
    this.set(index, { status: 'running', target: rung });
    const work = this.train(trial, rung)
      .catch((error: unknown) => this.fail(trial, messageOf(error)))
      .finally(() => this.active.delete(index));
    this.active.set(index, work);
  }

  private async train(trial: PlannedTrial, rung: number): Promise<void> {
    const { settings, ...rest } = trial.training;
    const state = stateOf(trial.training.out, settings);
    const until = this.plan.rungs?.[rung];
    if (state !== 'finished') {
      const threads = Math.max(1, Math.floor(availableParallelism() / this.workers));
      const training = {
        ...rest,
        ...{ threads, test: false },
        ...(state === 'unfinished' ? { resume: true } : { settings }),
        ...(until === undefined ? {} : { untilEpoch: until }),
      };
      const { run = runInProcess } = this.options;
      const finished = await run(training, this.trialHooks(trial));
      if (!finished) {
        if (this.hasReached(trial, until)) this.pause(trial, rung);
        else this.interrupted(trial);
        return;
      }
    }
    this.finish(trial);
  }

  private trialHooks({ name, training }: PlannedTrial): JobHooks {
    const epochs = epochsOf(training.settings.recipe);
    return {
      shouldStop: () => this.stopped(),
      onEvent: (event) => {
        if (event.kind !== 'epoch') return;
        const value = event.record[this.plan.metric];
        const figure = value === null ? '' : `, ${this.plan.metric} ${value.toFixed(4)}`;
        this.note(`${name}: epoch ${event.record.epoch} of ${epochs}${figure}`);
      },
    };
  }

  /** A trial that stopped by itself, at its rung's epoch. */
  private hasReached({ training }: PlannedTrial, until: number | undefined): boolean {
    if (until === undefined) return false;
    const path = runFolder(training.out).results;
    return existsSync(path) && (readCsvLog(path).at(-1)?.epoch ?? 0) >= until;
  }

  private interrupted({ index, name }: PlannedTrial): void {
    if (!this.stopped()) throw new Error('its process was stopped from outside');
    this.set(index, { status: 'paused' });
    this.note(`${name}: stopped and saved`);
  }

  private pause({ index, name, training }: PlannedTrial, rung: number): void {
    const epochs = this.plan.rungs?.[rung];
    const value = kept(training.out, training.settings.recipe.monitor, this.plan.metric, epochs);
    const { target: _target, ...state } = this.stateOf(index);
    this.states.set(index, state);
    this.set(index, { status: 'paused', reached: [...state.reached.slice(0, rung), value] });
    this.note(
      `${name}: ${this.plan.metric} ${value.toFixed(4)} at rung ${rung + 1} of ${this.rungs} (epoch ${epochs ?? 0})`,
    );
  }

  /** A trial that ended, perhaps early: its figure stands at every further rung. */
  private finish({ index, name, training }: PlannedTrial): void {
    const { monitor } = training.settings.recipe;
    const { metric } = this.plan;
    const before = this.stateOf(index).reached;
    const reached = Array.from({ length: this.rungs }, (_, rung) =>
      rung < before.length ? at(before, rung) : kept(training.out, monitor, metric, this.plan.rungs?.[rung]),
    );
    const { target: _target, ...state } = this.stateOf(index);
    this.states.set(index, state);
    this.set(index, { status: 'finished', reached });
    this.done++;
    this.note(
      `${name}: finished, ${metric} ${at(reached, this.rungs - 1).toFixed(4)} (${this.done} of ${this.own.length})`,
    );
  }

  private fail({ index, name }: PlannedTrial, reason: string): void {
    this.set(index, { status: 'failed', reason: reason.slice(0, 500) });
    this.note(`${name}: failed: ${reason.split('\n')[0] ?? ''}`);
  }

  private note(text: string): void {
    this.hooks.onEvent?.({ kind: 'note', text });
  }
}

/** The metric of the epoch whose weights a run keeps, up to an epoch. */
function kept(out: string, monitor: Monitor, metric: Monitor, epochs = Infinity): number {
  const rows = readCsvLog(runFolder(out).results).filter(({ epoch }) => epoch <= epochs);
  const best = bestEpochOf(rows, monitor);
  const value = rows.find(({ epoch }) => epoch === best)?.[metric];
  if (value === undefined || value === null) throw new Error(`${out} has no ${metric} in results.csv`);
  return value;
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const received = `"${path}" (${messageOf(error)})`;
    throw new InputError({ where: 'sweep', received, expected: 'a readable sweep.yaml' }, { cause: error });
  }
}

function nothingToShow(where: string, states: ReadonlyMap<number, TrialState>): InputError {
  const reason = [...states.values()].find(({ status }) => status === 'failed')?.reason?.split('\n')[0];
  return new InputError({
    where,
    received:
      reason === undefined ? 'no trial that came to an end' : `trials that all failed, the first: ${reason}`,
    expected: 'at least one finished trial',
    ...(reason === undefined ? {} : { remedy: 'put it right and give the command again with --retry' }),
  });
}
