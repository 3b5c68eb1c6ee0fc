import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { checkInteger } from '../../core/checks.js';
import { InputError } from '../../core/errors.js';
import type { Evaluation } from '../../evaluate/evaluation.js';
import { loadKeras } from '../../export/keras/archive.js';
import type { Model } from '../../models/model.js';
import { decodeFloat16, encodeFloat16 } from '../../models/weights/float16.js';
import type { Recipe } from '../../train/recipe.js';
import type { JobHooks } from '../events.js';
import { openAsIs } from '../model-source.js';
import { setInRecipe } from '../recipe-set.js';
import { freeRunName, isRunFolder, openRunFolder } from '../run-folder.js';
import { settingsOfRun } from '../run-settings.js';
import type { TrainSettings } from '../settings.js';
import { isShipped } from '../shipped.js';
import type { TrainOutcome } from '../train-job.js';
import { resolveTraining, type TrainPlaces } from '../train-options.js';
import { trainInThread, type ThreadedTraining } from '../train-thread.js';
import { readTrainingRecord, type RecordedAccuracies, type TrainingRecord } from './training-record.js';
import {
  compareAccuracies,
  compareWeights,
  verdictOf,
  type AccuracyComparison,
  type Verdict,
  type WeightComparison,
} from './verdict.js';

/** What {@link reproduceJob} repeats. */
export interface ReproduceOptions extends TrainPlaces {
  /** A shipped model's name or a run folder. */
  readonly model: string;
  /** Default: where the run's data was; a shipped model needs it. */
  readonly data?: string;
  /** Folder of the repeated run; default `runs/reproduce-<model>`, numbered when there is one already. */
  readonly out?: string;
  /** At most so many epochs of each stage: a quick test, after which nothing can be said of the accuracy. */
  readonly epochs?: number;
  /** Changes of settings, as `mien train --set` takes them: where a file of votes lies on this machine. */
  readonly set?: readonly string[];
  /** Only says what would be done. */
  readonly dryRun?: boolean;
  /** Does the training; by default in a thread of its own. */
  readonly train?: (training: ThreadedTraining, hooks: JobHooks) => Promise<TrainOutcome>;
}

/** What will be repeated. */
export interface ReproductionPlan {
  readonly version: 1;
  readonly model: string;
  readonly settings: TrainSettings;
  /** Whether the record has every setting; otherwise this version's recipe of the recorded name is taken. */
  readonly whole: boolean;
  /** Whether fewer epochs than recorded are trained, or settings other than the places of files were changed. */
  readonly shortened: boolean;
  readonly changed: readonly string[];
  readonly recorded: RecordedAccuracies;
  readonly out: string;
}

/** What {@link reproduceJob} found; `comparison` is null after a dry run or an interrupted training. */
export interface Reproduction {
  readonly plan: ReproductionPlan;
  readonly finished: boolean;
  readonly comparison: {
    readonly verdict: Verdict;
    readonly accuracies: readonly AccuracyComparison[];
    readonly weights: WeightComparison;
  } | null;
}

/**
 * Repeats the training of a shipped model or a run from its own record, and compares accuracies and weights with it.
 *
 * @throws InputError when the model has no record, or data, weights or files of labels are missing
 * @example
 * const { comparison } = await reproduceJob({ model: 'mien', data: 'fer2013', weightsDir: 'weights' });
 */
export async function reproduceJob(options: ReproduceOptions, hooks: JobHooks = {}): Promise<Reproduction> {
  const { train = trainInThread } = options;
  const model = await openAsIs(options.model, '<model>');
  const { plan, training } = planOf(options, model);
  if (options.dryRun === true) return { plan, finished: false, comparison: null };
  const outcome = await train(training, hooks);
  if (!outcome.finished) return { plan, finished: false, comparison: null };
  const accuracies = compareAccuracies(plan.recorded, byTitle(outcome.evaluations));
  const repeated = await loadKeras(outcome.folder.best);
  const precise = (weights: Model['weights']) => (isShipped(options.model) ? halved(weights) : weights);
  const weights = compareWeights(model.weights, precise(repeated.weights));
  const verdict = verdictOf(accuracies, weights, plan.shortened);
  return { plan, finished: true, comparison: { verdict, accuracies, weights } };
}

function planOf(options: ReproduceOptions, model: Model) {
  const record = recordOf(options.model, model);
  const { settings, whole, accuracies } = record;
  const recipe = changedRecipe(settings.recipe, options);
  const data = resolve(options.data ?? record.data ?? missingData(options.model));
  const name = `reproduce-${(resolve(options.model).split(/[\\/]/).at(-1) ?? 'run').toLowerCase()}`;
  const { model: _model, epochs: _epochs, set: _set, dryRun: _dryRun, train: _train, ...places } = options;
  const out = options.out ?? freeRunName('runs', name);
  const training = resolveTraining({ ...places, data, recipe, out });
  const plan: ReproductionPlan = {
    ...{ version: 1, model: options.model, settings: { ...settings, data, recipe }, whole },
    shortened: isOther(recipe, settings.recipe, options.set),
    ...{ changed: options.set ?? [], recorded: accuracies, out: training.out },
  };
  return { plan, training: { ...training, settings: plan.settings } };
}

/** Settings that say where files lie, and not what is trained. */
const PLACES = ['softLabels.votes', 'softLabels.teachers', 'exclude', 'relabel'];

function isOther(recipe: Recipe, recorded: Recipe, set: readonly string[] = []): boolean {
  const shorter = recipe.stages.some(({ epochs }, i) => epochs < (recorded.stages[i]?.epochs ?? 0));
  return shorter || set.some((change) => !PLACES.includes(change.split('=')[0] ?? ''));
}

function changedRecipe(recipe: Recipe, { epochs, set = [] }: ReproduceOptions): Recipe {
  const changed = set.reduce(setInRecipe, recipe);
  if (epochs === undefined) return changed;
  checkInteger('--epochs', epochs, 1);
  const stages = changed.stages.map((stage) => ({ ...stage, epochs: Math.min(epochs, stage.epochs) }));
  return { ...changed, stages };
}

function recordOf(source: string, model: Model): TrainingRecord & { readonly data?: string } {
  if (!isRunFolder(source)) return readTrainingRecord(source, model);
  const { data, ...settings } = settingsOfRun(source);
  const { evaluation } = openRunFolder(source);
  const reports = [join(evaluation, 'validation', 'report.json'), join(evaluation, 'report.json')];
  const found = reports.filter((path) => existsSync(path)).map(readReport);
  return { settings, data, whole: true, accuracies: byTitle(found) };
}

function readReport(path: string): Evaluation {
  return JSON.parse(readFileSync(path, 'utf8')) as Evaluation;
}

/** Evaluations by the name of their split. */
function byTitle(evaluations: Readonly<Record<string, Evaluation>> | readonly Evaluation[]) {
  const entries = Object.values(evaluations).map(
    ({ split, accuracy, n }) => [split, { accuracy, n }] as const,
  );
  return Object.fromEntries(entries);
}

/** Weights as half precision keeps them. */
function halved(weights: Model['weights']): Map<string, Float32Array> {
  return new Map([...weights].map(([key, values]) => [key, decodeFloat16(encodeFloat16(values))]));
}

function missingData(model: string): never {
  throw new InputError({
    where: '--data',
    received: `nothing, and the record of "${model}" does not say where its data lies`,
    expected: 'the folder or CSV file that it was trained on',
  });
}
