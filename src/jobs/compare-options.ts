import { join, resolve } from 'node:path';

import { checkInteger, checkOneOf } from '../core/checks.js';
import { InputError } from '../core/errors.js';
import { netNames, type NetName } from '../models/nets.js';
import { WEIGHT_RECORDS } from '../models/weights/records.js';
import { openFinishedRun } from './compare-runs.js';
import type { TrainSettings } from './settings.js';
import type { ThreadedTraining } from './train-thread.js';
import { resolveTraining, type TrainOptions } from './train-options.js';

/** What {@link compareJob} puts side by side: nets to train, trained runs, or both; at least two runs in all. */
export interface CompareOptions extends Omit<TrainOptions, 'data' | 'model' | 'weights' | 'seed'> {
  /** Nets to train, each with every seed, by the same recipe on the same data. */
  readonly models?: readonly string[];
  /** Folders of finished runs; those that differ in nothing but the seed count as one model. */
  readonly runs?: readonly string[];
  /** What the nets are trained on; by default what the first of `runs` was trained on. */
  readonly data?: string;
  /** Starting weights of all nets, or by net; by default `keras`, and `none` for a net without a file of that name. */
  readonly weights?: string | Readonly<Record<string, string>>;
  /** Default [42]. */
  readonly seeds?: readonly number[];
  /** Folder of the comparison and of the runs that it trains; default `runs/compare`. */
  readonly out?: string;
}

/** A training with its settings, as plain data. */
export type PlannedTraining = ThreadedTraining & { readonly settings: TrainSettings };

/** What a comparison does, every default filled in. */
export interface ComparePlan {
  readonly out: string;
  readonly trainings: readonly PlannedTraining[];
  /** Folders of the runs that are taken as they are. */
  readonly runs: readonly string[];
}

/**
 * Options of a comparison with every default filled in.
 * @throws InputError for unknown names, and when there are not two runs to compare
 */
export function resolveComparison(options: CompareOptions): ComparePlan {
  const { models = [], runs = [], seeds = [42], weights, out = join('runs', 'compare'), ...shared } = options;
  const nets = distinct(models.map((name) => checkOneOf('--models', name, netNames)));
  for (const seed of seeds) checkInteger('--seeds', seed, 0);
  checkWeightNames(weights, nets);
  const taken = [...new Map(runs.map((run) => [resolve(run), run])).values()];
  const { data, classes } = nets.length === 0 ? {} : dataOf(options, taken);
  const trainings = nets.flatMap((model) =>
    distinct(seeds).map((seed) =>
      resolveTraining({
        ...shared,
        data: data ?? '',
        ...(classes === undefined ? {} : { classes }),
        model,
        seed,
        weights: weightsOf(model, weights),
        out: join(out, `${model}-seed${seed}`),
      }),
    ),
  );
  const trained = trainings.map((training) => resolve(training.out));
  const others = taken.filter((run) => !trained.includes(resolve(run)));
  if (trainings.length + others.length < 2) throw tooFew(trainings.length + others.length);
  return { out, trainings, runs: others };
}

/** The data and classes to train on: those given, else those of the first run beside. */
function dataOf(
  { data, classes }: CompareOptions,
  [run]: readonly string[],
): Pick<CompareOptions, 'data' | 'classes'> {
  const beside = run === undefined ? undefined : openFinishedRun(run).settings;
  const found = data ?? beside?.data;
  if (found === undefined) {
    const expected = 'a data folder or a CSV file to train the nets on';
    throw new InputError({ where: '--data', received: 'nothing', expected });
  }
  const chosen = classes ?? beside?.classes;
  return { data: found, ...(chosen === undefined ? {} : { classes: chosen }) };
}

function weightsOf(net: NetName, weights: CompareOptions['weights']): string {
  const named = typeof weights === 'string' ? weights : weights?.[net];
  if (named !== undefined) return named;
  return WEIGHT_RECORDS.some(({ model, name }) => model === net && name === 'keras') ? 'keras' : 'none';
}

function checkWeightNames(weights: CompareOptions['weights'], nets: readonly NetName[]): void {
  if (typeof weights !== 'object') return;
  const stranger = Object.keys(weights).find((net) => !nets.some((known) => known === net));
  if (stranger === undefined) return;
  const expected = nets.length === 0 ? 'no weights, for no net is trained' : `one of ${nets.join(', ')}`;
  throw new InputError({ where: '--weights', received: `weights for "${stranger}"`, expected });
}

function tooFew(count: number): InputError {
  return new InputError({
    where: 'compare',
    received: count === 0 ? 'nothing' : 'one run',
    expected: 'at least two runs to compare',
    remedy: 'name several nets with --models, run folders with --runs, or several --seeds',
  });
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
