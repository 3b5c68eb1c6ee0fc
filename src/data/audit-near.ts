import { at } from '../core/checks.js';
import type { NamedImage } from './audit.js';
import { groupsOf, membersOf } from './duplicates.js';
import { type ImageSet, type Split, imageCount } from './images.js';
import { nearGroupsOf, nearPairs, type NearOptions, type NearPair } from './near-duplicates.js';

/** A picture and the half of the data that it is in. */
export interface PlacedImage extends NamedImage {
  readonly split: Split;
}

/** Pictures of the same thing; exact copies of a member are members too. */
export interface NearGroup {
  readonly images: readonly PlacedImage[];
  /** Of the least alike pair that was found, in [-1, 1]. */
  readonly correlation: number;
  /** Whether a pair is alike only mirrored. */
  readonly mirrored: boolean;
  /** Whether the members' labels differ. */
  readonly conflicting: boolean;
}

/** Near duplicates of both splits together, as {@link nearPairs} finds them; exact copies alone are not counted. */
export interface NearAudit {
  readonly pairs: number;
  /** The largest first. */
  readonly groups: readonly NearGroup[];
  readonly conflictingGroups: number;
  /** Test pictures with a near copy, but no exact one, in the training split. */
  readonly leaked: readonly PlacedImage[];
}

/** Both splits as one set, with the split of every picture. */
export interface JoinedSets {
  readonly set: ImageSet;
  readonly splits: readonly Split[];
}

/** Puts the pictures of several splits behind each other; they have the same classes and form. */
export function joinSets(sets: Readonly<Partial<Record<Split, ImageSet>>>): JoinedSets {
  const parts = (['train', 'test'] as const).flatMap((split) => {
    const set = sets[split];
    return set === undefined ? [] : [{ split, set }];
  });
  const first = at(parts, 0).set;
  const pixels = new Uint8Array(parts.reduce((sum, { set }) => sum + set.pixels.length, 0));
  parts.reduce((place, { set }) => {
    pixels.set(set.pixels, place);
    return place + set.pixels.length;
  }, 0);
  const labels = Int32Array.from(parts.flatMap(({ set }) => Array.from(set.labels)));
  return {
    set: { ...first, pixels, labels, names: parts.flatMap(({ set }) => set.names) },
    splits: parts.flatMap(({ split, set }) => new Array<Split>(imageCount(set)).fill(split)),
  };
}

/** Names the pictures of joined sets by their number. */
export function placedIn({ set, splits }: JoinedSets): (image: number) => PlacedImage {
  return (image) => ({
    name: at(set.names, image),
    class: at(set.classes, at(set.labels, image)),
    split: at(splits, image),
  });
}

/** Looks for near duplicates within and across splits. */
export function auditNear({ set, splits }: JoinedSets, options: NearOptions = {}): NearAudit {
  const pairs = nearPairs(set, options);
  const numbers = nearGroupsOf(set, pairs);
  const near = new Map<number, NearPair[]>();
  for (const pair of pairs) {
    const number = at(numbers, pair.first);
    const own = near.get(number);
    if (own === undefined) near.set(number, [pair]);
    else own.push(pair);
  }
  const members = membersOf(numbers);
  const placed = placedIn({ set, splits });
  const groups = [...near].map(([number, own]): NearGroup => {
    const images = at(members, number);
    return {
      images: images.map(placed),
      correlation: own.reduce((least, { correlation }) => Math.min(least, correlation), 1),
      mirrored: own.some(({ mirrored }) => mirrored),
      conflicting: new Set(images.map((image) => set.labels[image])).size > 1,
    };
  });
  return {
    pairs: pairs.length,
    groups: groups.sort((a, b) => b.images.length - a.images.length),
    conflictingGroups: groups.filter(({ conflicting }) => conflicting).length,
    leaked: leaks(set, splits, numbers).map(placed),
  };
}

/** Test pictures whose near group, but not whose exact group, has training pictures. */
function leaks(set: ImageSet, splits: readonly Split[], near: Int32Array): number[] {
  const exact = groupsOf(set);
  const trains = (numbers: Int32Array) => new Set(numbers.filter((_, image) => splits[image] === 'train'));
  const [nearTrain, exactTrain] = [trains(near), trains(exact)];
  return [...splits.keys()].filter(
    (image) =>
      splits[image] === 'test' && nearTrain.has(at(near, image)) && !exactTrain.has(at(exact, image)),
  );
}
