import { join } from 'node:path';

import { parse } from 'yaml';

import { checkInteger, checkOneOf } from '../../core/checks.js';
import { InputError, messageOf } from '../../core/errors.js';
import { createRandom } from '../../core/random.js';
import { netNames } from '../../models/nets.js';
import type { Monitor, Recipe } from '../../train/recipe.js';
import { recipeOf } from '../../train/recipes/index.js';
import { checkField, choice, number, record, whole, type Field } from '../fields.js';
import { setInRecipe } from '../recipe-set.js';
import { holdsOut } from '../split-images.js';
import type { PlannedTraining } from '../compare-options.js';
import { resolveTraining, type TrainPlaces } from '../train-options.js';
import { rungEpochs } from './asha.js';
import { drawValues, gridOf, parseDomain, type Setting, type Space, type Values } from './space.js';

/** How trials are chosen. */
export type SweepMethod = 'grid' | 'random' | 'asha';

/** `sweep.yaml`, checked. */
export interface SweepFile {
  readonly data?: string;
  readonly classes?: readonly string[];
  readonly recipe: string;
  readonly net: string;
  readonly weights?: string;
  readonly set: Readonly<Record<string, Setting>>;
  readonly parameters: Space;
  readonly method: SweepMethod;
  /** Number of drawn trials. */
  readonly trials: number;
  /** Seed of the draws. */
  readonly seed: number;
  /** Each trial is trained with each of these. */
  readonly seeds: readonly number[];
  readonly metric?: Monitor;
  readonly workers: number;
  readonly asha: { readonly reduction: number; readonly minEpochs: number };
  readonly out?: string;
}

/** One training of a sweep. */
export interface PlannedTrial {
  readonly index: number;
  readonly name: string;
  readonly values: Values;
  readonly training: PlannedTraining;
}

/** What a sweep does, every default filled in. */
export interface SweepPlan {
  readonly file: SweepFile;
  readonly out: string;
  readonly metric: Monitor;
  readonly trials: readonly PlannedTrial[];
  /** Epochs at which trials are judged; undefined: at their end alone. */
  readonly rungs: readonly number[] | undefined;
}

const list = (of: Field): Field => ({ kind: 'list', of });
const FIELDS: Readonly<Record<string, Field>> = {
  version: whole(1, 1),
  data: { kind: 'text' },
  classes: list({ kind: 'text' }),
  recipe: { kind: 'text' },
  net: { kind: 'text' },
  weights: { kind: 'text' },
  method: choice('grid', 'random', 'asha'),
  trials: whole(1),
  seed: whole(0),
  seeds: list(whole(0)),
  metric: choice('valAccuracy', 'valMacroAccuracy', 'valLoss'),
  workers: whole(1),
  asha: record({ reduction: number(1.5), minEpochs: whole(1) }),
  out: { kind: 'text' },
};

/** Reads `sweep.yaml`. @throws InputError naming the field that is wrong */
export function parseSweepFile(text: string, where: string): SweepFile {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw new InputError({ where, received: messageOf(error), expected: 'YAML' }, { cause: error });
  }
  const { set = {}, parameters, ...rest } = (content ?? {}) as Record<string, unknown>;
  const known = record(FIELDS);
  checkField(where, rest, known);
  const given = rest as Partial<Omit<SweepFile, 'asha'>> & { asha?: Partial<SweepFile['asha']>; version?: 1 };
  const space = mapOf(`${where}.parameters`, parameters, 'a record of settings and their values');
  const { version: _version, ...chosen } = given;
  return {
    ...chosen,
    recipe: given.recipe ?? 'default',
    net: checkOneOf(`${where}.net`, given.net ?? 'mobileNetV3Small', netNames),
    set: mapOf(`${where}.set`, set, 'a record of settings and values') as Record<string, Setting>,
    parameters: Object.fromEntries(
      Object.entries(space).map(([path, domain]) => [path, parseDomain(path, domain)]),
    ),
    method: given.method ?? 'grid',
    trials: given.trials ?? 16,
    seed: given.seed ?? 42,
    seeds: given.seeds ?? [42],
    workers: given.workers ?? 1,
    asha: { reduction: given.asha?.reduction ?? 3, minEpochs: given.asha?.minEpochs ?? 1 },
  };
}

function mapOf(where: string, value: unknown, expected: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new InputError({
    where,
    received: value === undefined ? 'nothing' : JSON.stringify(value),
    expected,
  });
}

/** What the command line adds to a sweep's file. */
export interface SweepPlaces extends TrainPlaces {
  /** In place of the file's `data`. */
  readonly data?: string;
  /** In place of the file's `out`; default `runs/sweep`. */
  readonly out?: string;
  readonly fast?: boolean;
}

/**
 * Every training of a sweep, with its settings.
 * @throws InputError for settings that the recipe refuses, and where nothing is held out to judge by
 */
export function planSweep(file: SweepFile, places: SweepPlaces = {}): SweepPlan {
  const data = places.data ?? file.data;
  if (data === undefined) {
    const expected = 'a data folder or a CSV file, as "data" in the file or as --data';
    throw new InputError({ where: 'sweep', received: 'no data', expected });
  }
  const out = places.out ?? file.out ?? join('runs', 'sweep');
  const base = Object.entries(file.set).reduce(assign, recipeOf(file.recipe));
  const rows = valuesOf(file).flatMap((values) => file.seeds.map((seed) => ({ values, seed })));
  const trials = rows.map(({ values, seed }, index): PlannedTrial => {
    const name = `trial-${String(index + 1).padStart(3, '0')}`;
    const recipe = checkJudged(Object.entries(values).reduce(assign, base));
    const training = trainingOf(file, { ...places, data, recipe, seed, out: join(out, name) });
    return { index, name, values, training };
  });
  const metric = file.metric ?? base.monitor;
  return { file, out, metric, trials, rungs: file.method === 'asha' ? rungsOf(file, trials) : undefined };
}

function trainingOf(
  { classes, net, weights }: SweepFile,
  {
    data,
    recipe,
    seed,
    out,
    fast,
    cacheDir,
    weightsDir,
  }: SweepPlaces & { data: string; recipe: Recipe; seed: number },
): PlannedTraining {
  return resolveTraining({
    ...{ data, recipe, seed },
    ...(out === undefined ? {} : { out }),
    ...(classes === undefined ? {} : { classes }),
    model: checkOneOf('net', net, netNames),
    ...(weights === undefined ? {} : { weights }),
    ...(fast === undefined ? {} : { fast }),
    ...(cacheDir === undefined ? {} : { cacheDir }),
    ...(weightsDir === undefined ? {} : { weightsDir }),
  });
}

function valuesOf({ method, parameters, trials, seed }: SweepFile): Values[] {
  if (method === 'grid') return gridOf(parameters);
  const random = createRandom(seed).fork('sweep');
  return Array.from({ length: trials }, (_, i) => drawValues(parameters, random, i));
}

function assign(recipe: Recipe, [path, value]: readonly [string, Setting]): Recipe {
  // Text in quotes stays text, whatever YAML would make of it.
  return setInRecipe(recipe, `${path}=${value === null ? 'none' : JSON.stringify(value)}`);
}

function checkJudged(recipe: Recipe): Recipe {
  if (holdsOut(recipe)) return recipe;
  throw new InputError({
    where: 'sweep',
    received: 'a recipe that holds nothing out',
    expected: 'a validation part, for trials are judged by it',
    remedy: 'set validationFraction above 0',
  });
}

function rungsOf({ asha, seeds }: SweepFile, trials: readonly PlannedTrial[]): number[] {
  const lengths = new Set(trials.map(({ training }) => epochsOf(training.settings.recipe)));
  const [most = 1] = lengths;
  if (lengths.size > 1) {
    const expected = 'trials of the same number of epochs, which method asha compares';
    throw new InputError({ where: 'sweep', received: 'trials of different numbers of epochs', expected });
  }
  if (seeds.length > 1) {
    throw new InputError({
      where: 'seeds',
      received: String(seeds.length),
      expected: 'one seed with method asha',
    });
  }
  return rungEpochs(checkInteger('asha.minEpochs', asha.minEpochs, 1, most), most, asha.reduction);
}

/** Epochs of all stages, at most. */
export function epochsOf({ stages }: Recipe): number {
  return stages.reduce((sum, { epochs }) => sum + epochs, 0);
}
