import { fer2013Classes } from '../data/csv.js';
import { listClasses } from '../data/folder.js';
import { countLabels, type ImageSet, type Split } from '../data/images.js';
import { isCsv, loadImages } from '../data/load.js';
import { InputError } from '../core/errors.js';
import type { Fold } from '../train/recipe.js';
import type { JobHooks } from './events.js';
import { holdOut, type HoldOut } from './split-images.js';

/** Both halves of a data root. */
const SPLITS: readonly Split[] = ['train', 'test'];

/** What the data jobs read. */
export interface DataOptions {
  /** Folder `root/{train,test}/<class>/…` or a file like `fer2013.csv`. */
  readonly data: string;
  /** Default: all classes that are there. */
  readonly classes?: readonly string[];
  /** Side in pixels at which pictures are compared; default 48. */
  readonly size?: number;
  readonly cacheDir?: string;
}

/** A list of names, as `data split` writes it. */
export interface SplitList {
  readonly version: 1;
  readonly data: string;
  readonly classes: readonly string[];
  readonly seed: number;
  /** Share of the pictures in `validation`, unless it is a fold. */
  readonly fraction: number;
  readonly fold?: Fold;
  readonly splitGroups?: 'exact' | 'near';
  /** Pictures per class, in the order of `classes`. */
  readonly counts: { readonly train: readonly number[]; readonly validation: readonly number[] };
  readonly train: readonly string[];
  readonly validation: readonly string[];
}

/**
 * Divides the training pictures as a training would, exact copies on one side.
 * @throws InputError when the data is missing, empty or damaged
 */
export async function splitData(
  options: DataOptions &
    Omit<HoldOut, 'validationFraction'> & { readonly fraction: number; readonly seed: number },
  hooks: JobHooks = {},
): Promise<SplitList> {
  const { fraction, seed, fold, splitGroups } = options;
  const images = await loadHalf(options, 'train', hooks);
  const { train, validation } = holdOut(
    images,
    { validationFraction: fraction, ...(fold && { fold }), ...(splitGroups && { splitGroups }) },
    seed,
    hooks,
  );
  const names = (indices: readonly number[]) => indices.map((image) => images.names[image] ?? '');
  const { classes, labels } = images;
  const counts = (indices: readonly number[]) =>
    countLabels(
      indices.map((image) => labels[image] ?? 0),
      classes.length,
    );
  return {
    version: 1,
    data: options.data,
    classes,
    seed,
    fraction,
    ...(fold && { fold }),
    ...(splitGroups && { splitGroups }),
    counts: { train: counts(train), validation: counts(validation) },
    train: names(train),
    validation: names(validation),
  };
}

/** The halves that a data set has. @throws InputError when it has neither */
export function splitsOf(data: string): Split[] {
  if (isCsv(data)) return [...SPLITS];
  const problems: InputError[] = [];
  const found = SPLITS.filter((split) => {
    try {
      return listClasses(data, split).length >= 0;
    } catch (error) {
      if (error instanceof InputError) problems.push(error);
      return false;
    }
  });
  const [problem] = problems;
  if (found.length === 0 && problem !== undefined) throw problem;
  return found;
}

/** Names of all classes of a data set: FER2013's seven for a CSV file. */
export function classesOf(data: string): readonly string[] {
  if (isCsv(data)) return fer2013Classes;
  return [...new Set(splitsOf(data).flatMap((split) => listClasses(data, split)))].sort();
}

/** Reads one half, grey. @throws InputError when the data is missing, empty or damaged */
export async function loadHalf(options: DataOptions, split: Split, hooks: JobHooks): Promise<ImageSet> {
  const { data, size = 48, cacheDir } = options;
  const { images } = await loadImages({
    data,
    split,
    classes: options.classes ?? classesOf(data),
    sourceSize: [size, size],
    colour: 'grey',
    ...(cacheDir === undefined ? {} : { cacheDir }),
    onProgress: ({ done, total }) =>
      hooks.onEvent?.({ kind: 'working', what: `reading ${split} images`, done, total }),
  });
  return images;
}
