import { basename } from 'node:path';

import { InputError } from '../../core/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../layers/json.js';
import { netNames } from '../../models/nets.js';
import { recipeOf } from '../../train/recipes/index.js';
import type { Model } from '../../models/model.js';
import { classMapOf } from '../load-classes.js';
import { checkRecipe } from '../recipe-fields.js';
import type { TrainSettings } from '../settings.js';

/** Accuracies that a training measured, by part of the data. */
export type RecordedAccuracies = Readonly<Record<string, RecordedAccuracy>>;

/** One of {@link RecordedAccuracies}. */
export interface RecordedAccuracy {
  readonly accuracy: number;
  readonly n: number;
  /** Standard deviation of the accuracy over trainings that differ in their seed alone, where it was measured. */
  readonly seedDeviation?: number;
}

/** How a model came to be: enough to do it again. */
export interface TrainingRecord {
  /** All but where the data lies. */
  readonly settings: Omit<TrainSettings, 'data'>;
  /** Whether every setting is recorded, or only the recipe's name, whose settings are this version's. */
  readonly whole: boolean;
  readonly accuracies: RecordedAccuracies;
}

/**
 * Settings as a shipped record keeps them: without the data's place, other files by their names alone, so that a record
 * says nothing of the machine that made it.
 */
export function portableSettings({ data: _data, ...settings }: TrainSettings): Omit<TrainSettings, 'data'> {
  const { softLabels, exclude, relabel } = settings.recipe;
  const { votes, teachers } = softLabels ?? {};
  const labels = {
    ...softLabels,
    ...(votes === undefined ? {} : { votes: basename(votes) }),
    ...(teachers === undefined ? {} : { teachers: teachers.map((path) => basename(path)) }),
  };
  const recipe = {
    ...settings.recipe,
    ...(softLabels === undefined ? {} : { softLabels: labels }),
    ...(exclude === undefined ? {} : { exclude: basename(exclude) }),
    ...(relabel === undefined ? {} : { relabel: basename(relabel) }),
  };
  const from = settings.from === undefined ? {} : { from: basename(settings.from) };
  return { ...settings, weights: basename(settings.weights), ...from, recipe };
}

/**
 * The record in a model's origin: `training` with `settings` (records since version 2), or with the name of a recipe and a
 * seed.
 *
 * @param where names the model, for messages
 * @throws InputError when the model has no such record
 */
export function readTrainingRecord(where: string, model: Pick<Model, 'origin' | 'classes'>): TrainingRecord {
  const { training } = model.origin;
  if (!isJsonObject(training)) throw noRecord(where, 'a model without a record of its training');
  const { settings, version = 1 } = training;
  const accuracies = readAccuracies(training['accuracy']);
  if (version !== 1 && version !== 2)
    throw noRecord(where, `a training record of version ${JSON.stringify(version)}`);
  if (isJsonObject(settings)) return { settings: readSettings(where, settings), whole: true, accuracies };
  return { settings: namedSettings(where, model, training), whole: false, accuracies };
}

function readSettings(where: string, settings: JsonObject): TrainingRecord['settings'] {
  const found = settings as unknown as TrainingRecord['settings'];
  const whole = settings['version'] === 1 && Array.isArray(settings['classes']) && 'recipe' in settings;
  if (!whole) throw noRecord(where, 'a training record whose settings are none');
  return { ...found, recipe: checkRecipe(found.recipe) };
}

/** Settings from what the first records name: the recipe, the seed, the net and the weights that it started from. */
function namedSettings(
  where: string,
  { origin, classes }: Pick<Model, 'origin' | 'classes'>,
  { recipe, seed }: JsonObject,
): TrainingRecord['settings'] {
  const net = netNames.find((name) => name === origin['net']);
  const { start } = origin;
  const named = typeof recipe === 'string' && typeof seed === 'number' && typeof start === 'string';
  if (!named || net === undefined || classes === undefined)
    throw noRecord(where, 'a record without recipe, seed, net, classes or starting weights');
  const map = classMapOf(origin);
  return {
    ...{ version: 1, classes, ...(map === undefined ? {} : { map }) },
    ...{ model: net, weights: start, recipe: recipeOf(recipe), seed, fast: true },
  };
}

function readAccuracies(json: Json | undefined): RecordedAccuracies {
  if (!isJsonObject(json)) return {};
  const entries = Object.entries(json).flatMap(([split, found]) => {
    const { accuracy, n, seedDeviation } = isJsonObject(found) ? found : {};
    if (typeof accuracy !== 'number' || typeof n !== 'number') return [];
    const spread = typeof seedDeviation === 'number' ? { seedDeviation } : {};
    return [[split, { accuracy, n, ...spread }] as const];
  });
  return Object.fromEntries(entries);
}

function noRecord(where: string, received: string): InputError {
  const expected = 'a shipped model or a run folder, which know how they were trained';
  return new InputError({ where, received, expected });
}
