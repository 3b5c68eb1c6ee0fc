import { createHash } from 'node:crypto';

import { InputError } from '../core/errors.js';
import { type ImageSet, imageCount, pixelsAt } from './images.js';

/** A hash of each image's pixels (SHA-256, base64): equal exactly where the images are. */
export function pixelHashes(set: ImageSet): string[] {
  return Array.from({ length: imageCount(set) }, (_, index) =>
    createHash('sha256').update(pixelsAt(set, index)).digest('base64'),
  );
}

/**
 * Group number of each image: images with the same pixels share one. Groups are numbered 0, 1, … in the
 * order of their first image, so the largest number is the count of different images minus one.
 */
export function groupsOf(set: ImageSet): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(pixelHashes(set), (hash) => {
    const number = numbers.get(hash) ?? numbers.size;
    numbers.set(hash, number);
    return number;
  });
}

/** The images of each group, in the order of `groups`. */
export function membersOf(groups: Int32Array): number[][] {
  const members: number[][] = [];
  groups.forEach((group, index) => {
    (members[group] ??= []).push(index);
  });
  return members;
}

/** Copies beyond the first of each group: what would be lost if each picture were kept once. */
export function surplusCopies(groups: Int32Array): number {
  return groups.length - new Set(groups).size;
}

/** Groups of equal images that carry more than one label; indices into the set. */
export function conflictingGroups(set: ImageSet, groups: Int32Array): number[][] {
  return membersOf(groups).filter((members) => new Set(members.map((index) => set.labels[index])).size > 1);
}

/** An image of a test set that is also in the training set. */
export interface Leak {
  /** Index in the test set. */
  readonly index: number;
  /** Indices of the same picture in the training set, at least one. */
  readonly copies: readonly number[];
}

/**
 * Images of `test` whose pixels occur in `train`, with their copies there.
 * @throws InputError when the two sets differ in size or channels.
 */
export function leaksOf(test: ImageSet, train: ImageSet): Leak[] {
  checkSameForm(test, train);
  const places = new Map<string, number[]>();
  for (const [index, hash] of pixelHashes(train).entries()) {
    const seen = places.get(hash);
    if (seen === undefined) places.set(hash, [index]);
    else seen.push(index);
  }
  return pixelHashes(test).flatMap((hash, index) => {
    const copies = places.get(hash);
    return copies === undefined ? [] : [{ index, copies }];
  });
}

/**
 * Indices of the images of `test` that are exact copies of images of `train`.
 * @throws InputError when the two sets differ in size or channels.
 *
 * @example
 * const leaked = new Set(leakedIndices(test, train));
 * const clean = subset(test, [...test.names.keys()].filter((index) => !leaked.has(index)));
 */
export function leakedIndices(test: ImageSet, train: ImageSet): number[] {
  return leaksOf(test, train).map(({ index }) => index);
}

/** Indices of images in which every pixel has the same colour. */
export function constantImages(set: ImageSet): number[] {
  const { channels } = set;
  return Array.from({ length: imageCount(set) }, (_, index) => index).filter((index) => {
    const pixels = pixelsAt(set, index);
    return pixels.every((value, position) => value === pixels[position % channels]);
  });
}

function checkSameForm(test: ImageSet, train: ImageSet): void {
  const [a, b] = [test, train].map(({ height, width, channels }) => `${height}x${width}x${channels}`);
  if (a === b) return;
  throw new InputError({
    where: 'leaks',
    received: `test images of ${a ?? ''} and training images of ${b ?? ''}`,
    expected: 'the same height, width and channels',
  });
}
