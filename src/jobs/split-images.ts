import { conflictingGroups, constantImages, groupsOf } from '../data/duplicates.js';
import type { ImageSet } from '../data/images.js';
import { splitTrainValidation } from '../data/split.js';
import type { Recipe } from '../train/recipe.js';
import type { TrainingSplit } from '../train/trainer.js';

/**
 * Splits training images as a recipe wants: exact copies on one side, then, where asked for, one image of
 * each group of copies and none whose copies disagree about the class; constant pictures do not train.
 */
export function splitImages(images: ImageSet, recipe: Recipe, seed: number): TrainingSplit {
  const all = [...images.labels.keys()];
  const { train, validation } =
    recipe.validationFraction === 0
      ? { train: all, validation: [] }
      : splitTrainValidation(images, { fraction: recipe.validationFraction, seed: recipe.splitSeed ?? seed });
  return { train: recipe.dropCopies ? withoutCopies(images, train) : train, validation };
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
