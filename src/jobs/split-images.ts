import { conflictingGroups, constantImages, groupsOf } from '../data/duplicates.js';
import type { ImageSet } from '../data/images.js';
import { nearGroupsOf, nearPairs } from '../data/near-duplicates.js';
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
  const { train, validation } = holdOut(images, recipe, recipe.splitSeed ?? seed, hooks);
  return { train: recipe.dropCopies ? withoutCopies(images, train) : train, validation };
}

/** What decides which pictures are held out, beside the seed. */
export type HoldOut = Pick<Recipe, 'validationFraction' | 'fold' | 'splitGroups'>;

/** Whether a training by this recipe has a validation part. */
export function holdsOut({ validationFraction, fold }: HoldOut): boolean {
  return fold !== undefined || validationFraction > 0;
}

/** Divides all images into training and validation part. @throws InputError for a fold that is not there */
export function holdOut(
  images: ImageSet,
  how: HoldOut,
  seed: number,
  { onEvent }: JobHooks = {},
): TrainingSplit {
  if (!holdsOut(how)) return { train: [...images.labels.keys()], validation: [] };
  const onProgress = (what: string, done: number, total: number) =>
    onEvent?.({ kind: 'working', what, done, total });
  const near = () => ({ groups: nearGroupsOf(images, nearPairs(images, { onProgress })) });
  const options = { seed, ...(how.splitGroups === 'near' ? near() : {}) };
  return how.fold === undefined
    ? splitTrainValidation(images, { ...options, fraction: how.validationFraction })
    : splitFold(images, { ...options, ...how.fold });
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
