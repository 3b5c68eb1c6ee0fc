import { createHash } from 'node:crypto';

import { parse, stringify } from 'yaml';

import { InputError, messageOf } from '../core/errors.js';
import type { ClassMap } from '../data/class-map.js';
import type { Recipe } from '../train/recipe.js';
import { checkRecipe } from './recipe-fields.js';

/** Everything that decides a training's result; `args.yaml` holds it, and is enough to repeat the run. */
export interface TrainSettings {
  readonly version: 1;
  /** Folder `root/{train,test}/<class>/…` or a `fer2013.csv`. */
  readonly data: string;
  /** Classes in label order. */
  readonly classes: readonly string[];
  /** What classes are made of that the data does not have. */
  readonly map?: ClassMap;
  readonly model: string;
  /** A weight record's name, `mien`, `none`, or the path of a `.keras` file. */
  readonly weights: string;
  /** A model to go on from, in place of `model` and `weights`: run folder, file or shipped model. */
  readonly from?: string;
  /** Preprocessing record of a model that came without: a JSON file or a name. */
  readonly preprocessing?: string;
  readonly recipe: Recipe;
  readonly seed: number;
  /** Use the fast kernels where the CPU has them. */
  readonly fast: boolean;
}

/** Versions that a run was made with, for the record. */
export interface Versions {
  readonly mien: string;
  readonly node: string;
  readonly runtime: string;
}

/** `args.yaml`. */
export function formatSettings(settings: TrainSettings, versions: Versions): string {
  return stringify({ ...settings, versions }, { lineWidth: 100, aliasDuplicateObjects: false });
}

/** Reads `args.yaml`. @throws InputError when it is not such a file */
export function parseSettings(text: string, where: string): TrainSettings {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw new InputError({ where, received: messageOf(error), expected: 'YAML' }, { cause: error });
  }
  const { versions: _versions, ...settings } = (content ?? {}) as TrainSettings & { versions?: unknown };
  if ((settings.version as number | undefined) === 1 && Array.isArray(settings.classes)) {
    return { ...settings, recipe: checkRecipe(settings.recipe) };
  }
  throw new InputError({ where, received: 'other content', expected: 'the args.yaml of a training run' });
}

/** A digest of the settings, the images and the names left out, by which a checkpoint knows its run. */
export function fingerprint(
  settings: TrainSettings,
  images: Uint8Array,
  excluded: readonly string[] = [],
  relabelled: readonly string[] = [],
): string {
  const { data: _data, ...decisive } = settings;
  const hash = createHash('sha256').update(JSON.stringify(decisive)).update(images);
  return hash.update([...excluded, ...relabelled].join('\n')).digest('hex');
}
