import { conflictingGroups, constantImages, groupsOf } from '../data/duplicates.js';
import type { ImageSet } from '../data/images.js';
import { nearGroupsOf, nearPairs, type NearOptions } from '../data/near-duplicates.js';
import { splitFold, splitTrainValidation } from '../data/split.js';
import type { Recipe } from '../train/recipe.js';
import type { TrainingSplit } from '../train/trainer.js';
import type { JobHooks } from './events.js';

/**
 * Splits training images as a recipe wants: exact or near copies on one side, then, where asked for, one image of
 * each group of copies and none whose copies disagree about the class; constant pictures do not train.
 */
export function splitImages(
  images: ImageSet,
  recipe: Recipe,
  seed: number,
  hooks: JobHooks = {},
): TrainingSplit {
  const onProgress = (what: string, done: number, total: number) =>
    hooks.onEvent?.({ kind: 'working', what, done, total });
  const { train, validation } = divide(images, recipe, seed, { onProgress });
  return { train: recipe.dropCopies ? withoutCopies(images, train) : train, validation };
}

/** Whether a training by this recipe has a validation part. */
export function holdsOut({ validationFraction, fold }: Recipe): boolean {
  return fold !== undefined || validationFraction > 0;
}

function divide(images: ImageSet, recipe: Recipe, seed: number, near: NearOptions): TrainingSplit {
  if (!holdsOut(recipe)) return { train: [...images.labels.keys()], validation: [] };
  const { fold, splitGroups, validationFraction: fraction } = recipe;
  const options = {
    seed,
    ...(splitGroups === 'near' ? { groups: nearGroupsOf(images, nearPairs(images, near)) } : {}),
  };
  return fold === undefined
    ? splitTrainValidation(images, { ...options, fraction })
    : splitFold(images, { ...options, ...fold });
}

/** A split whose validation part holds only what the model answers: the first classes. */
export function answerable(
  { train, validation }: TrainingSplit,
  { labels }: ImageSet,
  { classes }: { readonly classes: readonly string[] },
): TrainingSplit {
  return { train, validation: validation.filter((image) => (labels[image] ?? 0) < classes.length) };
}

/** A split that does not train on some images. */
export function leaveOut({ train, validation }: TrainingSplit, unwanted: readonly number[]): TrainingSplit {
  const skipped = new Set(unwanted);
  return { train: train.filter((image) => !skipped.has(image)), validation };
}

function withoutCopies(images: ImageSet, indices: readonly number[]): number[] {
  const groups = groupsOf(images);
  const skipped = new Set([...conflictingGroups(images, groups).flat(), ...constantImages(images)]);
  const seen = new Set<number>();
  return indices.filter((image) => {
    const group = groups[image] ?? -1;
    if (skipped.has(image) || seen.has(group)) return false;
    seen.add(group);
    return true;
  });
}
