import { InputError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { groupsOf, membersOf } from './duplicates.js';
import { type ImageSet, countsPerClass } from './images.js';

/** How {@link splitTrainValidation} divides. */
export interface SplitOptions {
  /** Part of each class that goes to validation, between 0 and 1 exclusive; default 0.2. */
  readonly fraction?: number;
  readonly seed: number;
}

/** Indices into the set that was split, ascending. */
export interface TrainValidation {
  readonly train: number[];
  readonly validation: number[];
}

/**
 * Divides a set into training and validation part: stratified (each class gives `fraction` of its images,
 * rounded, at least one), seeded, and with all copies of a picture on one side, so that validation measures
 * unseen pictures even where the data repeats itself.
 *
 * A class may give slightly fewer when its copies cannot fill the number exactly.
 *
 * @throws InputError when `fraction` is not between 0 and 1.
 *
 * @example
 * const { train, validation } = splitTrainValidation(images, { fraction: 0.2, seed: 42 });
 */
export function splitTrainValidation(set: ImageSet, { fraction = 0.2, seed }: SplitOptions): TrainValidation {
  checkFraction(fraction);
  const room = countsPerClass(set).map((count) => validationCount(count, fraction));
  const train: number[] = [];
  const validation: number[] = [];
  const groups = createRandom(seed)
    .fork('split')
    .shuffle(membersOf(groupsOf(set)));
  for (const members of groups) {
    const side = takeIfRoom(members, set.labels, room) ? validation : train;
    side.push(...members);
  }
  return { train: train.sort(ascending), validation: validation.sort(ascending) };
}

/** At least one image on either side where a class has two or more. */
function validationCount(count: number, fraction: number): number {
  return count < 2 ? 0 : Math.min(count - 1, Math.max(1, Math.round(fraction * count)));
}

/** Takes the members' places from `room` when every label has enough left; copies may carry several labels. */
function takeIfRoom(members: readonly number[], labels: Int32Array, room: number[]): boolean {
  const left = [...room];
  for (const index of members) {
    const label = labels[index] ?? 0;
    left[label] = (left[label] ?? 0) - 1;
  }
  if (left.some((places) => places < 0)) return false;
  left.forEach((places, label) => (room[label] = places));
  return true;
}

function ascending(a: number, b: number): number {
  return a - b;
}

function checkFraction(fraction: number): void {
  if (fraction > 0 && fraction < 1) return;
  throw new InputError({
    where: 'fraction',
    received: String(fraction),
    expected: 'a number between 0 and 1, e.g. 0.2',
  });
}
