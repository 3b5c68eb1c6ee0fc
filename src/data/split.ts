import { at, checkInteger } from '../core/checks.js';
import { InputError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { groupsOf, membersOf } from './duplicates.js';
import { type ImageSet, countsPerClass } from './images.js';

/** How {@link splitTrainValidation} divides. */
export interface SplitOptions {
  /** Part of each class that goes to validation, between 0 and 1 exclusive; default 0.2. */
  readonly fraction?: number;
  readonly seed: number;
  /** Group number of each image; a group stays together. Default: exact copies ({@link groupsOf}). */
  readonly groups?: Int32Array;
}

/** How {@link splitFold} divides. */
export interface FoldOptions {
  /** Which part validates, 1 to `of`. */
  readonly part: number;
  /** Number of parts, at least 2. */
  readonly of: number;
  readonly seed: number;
  /** Group number of each image; a group stays together. Default: exact copies ({@link groupsOf}). */
  readonly groups?: Int32Array;
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
export function splitTrainValidation(
  set: ImageSet,
  { fraction = 0.2, seed, groups: numbers = groupsOf(set) }: SplitOptions,
): TrainValidation {
  checkFraction(fraction);
  const room = countsPerClass(set).map((count) => validationCount(count, fraction));
  const train: number[] = [];
  const validation: number[] = [];
  const groups = createRandom(seed).fork('split').shuffle(membersOf(numbers));
  for (const members of groups) {
    const side = takeIfRoom(members, set.labels, room) ? validation : train;
    side.push(...members);
  }
  return { train: train.sort(ascending), validation: validation.sort(ascending) };
}

/**
 * One of `of` divisions for k-fold cross-validation: the parts of one seed are disjoint and are everything together,
 * each has about the same number of every class, and groups stay together.
 *
 * @throws InputError when `part` or `of` is out of range
 *
 * @example
 * const { train, validation } = splitFold(images, { part: 1, of: 5, seed: 42 });
 */
export function splitFold(set: ImageSet, options: FoldOptions): TrainValidation {
  const { part, of, seed, groups: numbers = groupsOf(set) } = options;
  checkInteger('fold: number of parts', of, 2);
  checkInteger('fold: part', part, 1, of);
  const shuffled = createRandom(seed).fork('fold').shuffle(membersOf(numbers));
  // Large groups first, while every part still has room to even them out.
  shuffled.sort((a, b) => b.length - a.length);
  const counts = Array.from({ length: of }, () => new Int32Array(set.classes.length));
  const validation: number[] = [];
  for (const members of shuffled) {
    const fold = emptiest(counts, members, set.labels);
    for (const image of members) {
      const label = at(set.labels, image);
      at(counts, fold)[label] = at(at(counts, fold), label) + 1;
    }
    if (fold === part - 1) validation.push(...members);
  }
  const held = new Set(validation);
  const train = [...set.labels.keys()].filter((image) => !held.has(image));
  return { train, validation: validation.sort(ascending) };
}

/** The fold that has fewest of the classes of a group, the smallest of those that have equally many. */
function emptiest(counts: readonly Int32Array[], members: readonly number[], labels: Int32Array): number {
  const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
  const cost = (fold: Int32Array) => sum(members.map((image) => at(fold, at(labels, image))));
  const costs = counts.map((fold) => [cost(fold), sum(fold)] as const);
  let best = 0;
  costs.forEach(([own, all], fold) => {
    const [bestOwn, bestAll] = at(costs, best);
    if (own < bestOwn || (own === bestOwn && all < bestAll)) best = fold;
  });
  return best;
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
