import { at } from '../core/checks.js';
import { InputError } from '../core/errors.js';
import type { ImageSet } from '../data/images.js';
import { loadKeras } from '../export/keras/archive.js';
import type { Model } from '../models/model.js';
import type { TrainingSplit } from '../train/trainer.js';
import { trainedClasses } from './auxiliary.js';
import type { JobHooks } from './events.js';
import { excludedFrom } from './exclude.js';
import { loadClasses } from './load-classes.js';
import { inferenceOf } from './model-source.js';
import { relabelledBy } from './relabel.js';
import { openRunFolder, readArgs } from './run-folder.js';
import { parseSettings, type TrainSettings } from './settings.js';
import { answerable, leaveOut, splitImages } from './split-images.js';

/** One finished run. */
export interface Ingredient {
  readonly run: string;
  readonly file: string;
  readonly settings: TrainSettings;
  readonly model: Model;
}

/** Runs that fit each other, with their pictures. */
export interface Pot {
  readonly ingredients: readonly [Ingredient, ...Ingredient[]];
  readonly images: ImageSet;
  /** Pictures of the first run's training part. */
  readonly train: readonly number[];
  /** Pictures that none of them trained on; undefined where they held out different ones. */
  readonly validation: readonly number[] | undefined;
}

/** Opens runs and the data that they trained on. @throws InputError when they do not fit each other */
export async function openIngredients(
  runs: readonly string[],
  { method = 'greedy', cacheDir }: { readonly method?: 'greedy' | 'uniform'; readonly cacheDir?: string },
  hooks: JobHooks,
): Promise<Pot> {
  const [first, ...others] = await Promise.all(runs.map(openIngredient));
  if (first === undefined) throw new RangeError('no runs');
  for (const other of others) checkFits(first, other);
  const loaded = await imagesOf(first, cacheDir, hooks);
  const relabelled = relabelledBy(first.settings, loaded, hooks);
  const images = relabelled?.images ?? loaded;
  const parts = [first, ...others].map((ingredient) => partsOf(ingredient, loaded));
  const excluded = excludedFrom(first.settings, images, hooks)?.images ?? [];
  const own = leaveOut(at(parts, 0), [...excluded, ...(relabelled?.left ?? [])]);
  const { validation } = own;
  const stranger = parts.findIndex((part) => part.validation.join() !== validation.join());
  const common = stranger < 0 && validation.length > 0;
  if (!common && method === 'greedy') throw withoutValidation(runs, stranger);
  return {
    ingredients: [first, ...others],
    images,
    train: own.train,
    validation: common ? validation : undefined,
  };
}

async function openIngredient(run: string): Promise<Ingredient> {
  const folder = openRunFolder(run, 'soup');
  const settings = parseSettings(readArgs(folder), folder.args);
  return { run, file: folder.best, settings, model: await loadKeras(folder.best) };
}

function partsOf({ settings }: Ingredient, images: ImageSet): TrainingSplit {
  return answerable(splitImages(images, settings.recipe, settings.seed), images, settings);
}

async function imagesOf(
  { settings, model }: Ingredient,
  cacheDir: string | undefined,
  hooks: JobHooks,
): Promise<ImageSet> {
  const { sourceSize, colour } = inferenceOf(model).preprocessing;
  const { images } = await loadClasses({
    ...{ data: settings.data, split: 'train', classes: trainedClasses(settings), map: settings.map },
    ...{ sourceSize, colour },
    ...(cacheDir === undefined ? {} : { cacheDir }),
    onProgress: ({ done, total }) =>
      hooks.onEvent?.({ kind: 'working', what: 'reading images', done, total }),
  });
  return images;
}

/** Weights can be averaged where they have the same names and sizes, and mean the same. */
function checkFits(first: Ingredient, other: Ingredient): void {
  const differences = Object.entries(traits(first)).filter(
    ([name, value]) => traits(other)[name as keyof ReturnType<typeof traits>] !== value,
  );
  const [difference] = differences;
  if (difference === undefined) return;
  throw new InputError({
    where: other.run,
    received: `a run whose ${difference[0]} is not that of ${first.run}`,
    expected: 'runs of one net, head, input, classes and data',
  });
}

function traits({ settings, model }: Ingredient) {
  return {
    net: [...model.weights].map(([key, { length }]) => `${key} ${length}`).join(),
    preprocessing: JSON.stringify(model.preprocessing),
    classes: trainedClasses(settings).join(),
    'class map': JSON.stringify(settings.map),
    data: settings.data,
  };
}

function withoutValidation(runs: readonly string[], stranger: number): InputError {
  const received =
    stranger < 0
      ? 'runs that held nothing out'
      : `${runs[stranger] ?? ''}, which held out other pictures than ${runs[0] ?? ''}`;
  return new InputError({
    where: 'a greedy soup',
    received,
    expected: 'runs that held out the same pictures',
    remedy: 'train them with the same --set splitSeed=N, or use --method uniform',
  });
}
