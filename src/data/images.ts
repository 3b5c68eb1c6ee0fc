import { InputError } from '../core/errors.js';

/** The halves of a data root: folder names, and what the CSV file's Usage column maps to. */
export type Split = 'train' | 'test';

/** The expressions that are recognized unless others are asked for; the position is the label number. */
export const defaultClasses: readonly string[] = ['angry', 'disgust', 'happy', 'neutral', 'surprise'];

/** One decoded picture: uint8 `[row, column, channel]`, 0..255. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** Length `height * width * channels`. */
  readonly pixels: Uint8Array;
}

/** Decoded pictures in one block: uint8 `[image, row, column, channel]`, 0..255. */
export interface ImageSet {
  /** Class names; the position is the label number. */
  readonly classes: readonly string[];
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** Length `n * height * width * channels`. */
  readonly pixels: Uint8Array;
  /** Label number of each image, length n. */
  readonly labels: Int32Array;
  /** Path of each image relative to the data root, separated by `/`. */
  readonly names: readonly string[];
}

/** Number of images. */
export function imageCount(set: ImageSet): number {
  return set.labels.length;
}

/** Bytes of one image: `height * width * channels`. */
export function imageBytes(set: Pick<ImageSet, 'height' | 'width' | 'channels'>): number {
  return set.height * set.width * set.channels;
}

/**
 * The pixels of image `index`, `[row, column, channel]`: a view, not a copy.
 * @throws RangeError when `index` is outside the set.
 */
export function pixelsAt(set: ImageSet, index: number): Uint8Array {
  if (!Number.isInteger(index) || index < 0 || index >= imageCount(set)) {
    throw new RangeError(`pixelsAt: ${index} is outside 0..${imageCount(set) - 1}`);
  }
  const size = imageBytes(set);
  return set.pixels.subarray(index * size, (index + 1) * size);
}

/**
 * Image `index` as a {@link Picture} over a view of the set's block.
 * @throws RangeError when `index` is outside the set.
 */
export function imageAt(set: ImageSet, index: number): Picture {
  const { height, width, channels } = set;
  return { height, width, channels, pixels: pixelsAt(set, index) };
}

/**
 * A new set with the images at `indices`, in that order; an index may come more than once.
 * @throws RangeError when an index is outside the set.
 *
 * @example
 * const { train, validation } = splitTrainValidation(images, { seed: 42 });
 * const validationImages = subset(images, validation);
 */
export function subset(set: ImageSet, indices: readonly number[]): ImageSet {
  const size = imageBytes(set);
  const pixels = new Uint8Array(indices.length * size);
  indices.forEach((index, position) => pixels.set(pixelsAt(set, index), position * size));
  return {
    ...set,
    pixels,
    labels: Int32Array.from(indices, (index) => set.labels[index] ?? 0),
    names: indices.map((index) => set.names[index] ?? ''),
  };
}

/** Number of images per class, in the order of `set.classes`. */
export function countsPerClass(set: ImageSet): number[] {
  return countLabels(set.labels, set.classes.length);
}

/** How often each label 0..classes-1 occurs. */
export function countLabels(labels: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of Array.from(labels)) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/**
 * Returns the class names unless they cannot be folder names of one data set.
 * @throws InputError when there is none, one comes twice, or one is empty or holds a path separator.
 */
export function checkClasses(where: string, classes: readonly string[]): readonly string[] {
  const fail = (received: string) =>
    new InputError({ where, received, expected: 'different class names, e.g. angry,happy,neutral' });
  if (classes.length === 0) throw fail('no class');
  for (const [index, name] of classes.entries()) {
    if (name === '' || name.startsWith('.') || /[\\/]/.test(name)) throw fail(`the class name "${name}"`);
    if (classes.indexOf(name) !== index) throw fail(`the class "${name}" twice`);
  }
  return classes;
}
