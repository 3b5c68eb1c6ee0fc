import { join, resolve } from 'node:path';

import { checkClassMap, type ClassMap } from '../data/class-map.js';
import { checkClasses, defaultClasses } from '../data/images.js';
import type { NetName } from '../models/nets.js';
import type { WeightSearch } from '../models/weights/load.js';
import type { Recipe } from '../train/recipe.js';
import { recipeOf } from '../train/recipes/index.js';
import type { JobHooks } from './events.js';
import { packageVersion } from './package.js';
import { checkRecipe } from './recipe-fields.js';
import { freeRunName } from './run-folder.js';
import type { TrainSettings } from './settings.js';
import type { TrainOutcome } from './train-job.js';
import { trainInThread, type ThreadedTraining } from './train-thread.js';

/** What changes nothing in a training's result: where things lie. */
export interface TrainPlaces {
  /** Folder of decoded pictures and downloaded weights; nothing is kept without it. */
  readonly cacheDir?: string;
  /** Folder that may hold the files of pretrained weights. */
  readonly weightsDir?: string;
}

/** What {@link train} takes; only `data` must be given. */
export interface TrainOptions extends TrainPlaces {
  /** Folder `root/{train,test}/<class>/…` or a file like `fer2013.csv`. */
  readonly data: string;
  /** Classes in label order; default those of `map`, else {@link defaultClasses}. */
  readonly classes?: readonly string[];
  /** What classes are made of: `{ positive: ['happy'], negative: ['angry', 'sad'] }`. */
  readonly map?: ClassMap;
  /** A model to go on from, in place of `model` and `weights`: run folder, `.keras` or `.h5` file, shipped model. */
  readonly from?: string;
  /** Preprocessing record of such a model, where it has none: a JSON file or a name. */
  readonly preprocessing?: string;
  /** A recipe or the name of one that comes with Mien; default `default`. */
  readonly recipe?: Recipe | string;
  readonly model?: NetName;
  /** Starting weights: `mien` (default of MobileNetV3-Small), `keras` (of the others), `torchvision`, `none`, or the path of a `.keras` file. */
  readonly weights?: string;
  /** Default 42. */
  readonly seed?: number;
  /** Use the fast kernels where the CPU has them; default true. */
  readonly fast?: boolean;
  /** Folder of the run; default `runs/<recipe>`, numbered when there is one already. */
  readonly out?: string;
}

/**
 * Trains a model in a thread of its own, writes a run folder and evaluates the best weights.
 *
 * @throws InputError naming what is wrong with data, classes, recipe, weights, folder or loss
 * @example
 * const { folder, evaluations } = await train({ data: 'fer2013', recipe: 'default' });
 * console.log(folder.best, evaluations['test']?.accuracy);
 */
export function train(options: TrainOptions, hooks: JobHooks = {}): Promise<TrainOutcome> {
  return trainInThread(resolveTraining(options), hooks);
}

/** Goes on with a run that was stopped; it ends as if it had never been. @throws InputError */
export function resumeTraining(
  run: string,
  places: TrainPlaces = {},
  hooks: JobHooks = {},
): Promise<TrainOutcome> {
  return trainInThread({ ...environmentOf(places), out: run, resume: true }, hooks);
}

/** Options with every default filled in, as plain data. @throws InputError for unknown names */
export function resolveTraining(options: TrainOptions): ThreadedTraining & { settings: TrainSettings } {
  const { recipe: chosen = 'default' } = options;
  const recipe = checkRecipe(typeof chosen === 'string' ? recipeOf(chosen) : chosen);
  const settings: TrainSettings = {
    version: 1,
    data: resolve(options.data),
    classes: classesOf(options),
    ...(options.map === undefined ? {} : { map: checkClassMap('--map', options.map) }),
    model: options.model ?? 'mobileNetV3Small',
    weights: options.weights ?? defaultWeights(options.model),
    ...(options.from === undefined ? {} : { from: options.from }),
    ...(options.preprocessing === undefined ? {} : { preprocessing: options.preprocessing }),
    recipe,
    seed: options.seed ?? 42,
    fast: options.fast ?? true,
  };
  return { ...environmentOf(options), settings, out: options.out ?? freeRunName('runs', recipe.name) };
}

/** A map's own classes unless others are chosen: some of them, or some beside them. */
function classesOf({ classes, map }: TrainOptions): readonly string[] {
  return checkClasses('--classes', classes ?? (map === undefined ? defaultClasses : Object.keys(map)));
}

/** The shipped weights are those of one net; the others start from Keras's. */
function defaultWeights(model: NetName = 'mobileNetV3Small'): string {
  return model === 'mobileNetV3Small' ? 'mien' : 'keras';
}

function environmentOf({ cacheDir, weightsDir }: TrainPlaces) {
  const weightSearch: WeightSearch = {
    ...(weightsDir === undefined ? {} : { folder: weightsDir }),
    ...(cacheDir === undefined ? {} : { cacheFolder: join(cacheDir, 'weights') }),
  };
  const versions = { mien: packageVersion(), node: process.versions.node };
  return { versions, weightSearch, ...(cacheDir === undefined ? {} : { cacheDir }) };
}
