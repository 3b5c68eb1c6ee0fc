import { at, checkInteger, checkOneOf } from '../../core/checks.js';
import { InputError } from '../../core/errors.js';
import { createRandom, type Random } from '../../core/random.js';
import type { ImageSet } from '../images.js';
import { EMOTIONS, type Emotion } from './actions.js';
import { randomFace } from './face.js';
import { FACE_SIZE, renderFace } from './render.js';

/** The two folders of a data root. */
export type DrawnSplit = 'train' | 'test';

export interface DrawOptions {
  /** Classes in label order, among {@link EMOTIONS}; default all seven. */
  readonly classes?: readonly string[];
  /** Images per class: one number for all, or one per class in the order of `classes`. */
  readonly perClass: number | readonly number[];
  /** Default 42. */
  readonly seed?: number;
  /** Train and test faces of one seed differ; default `train`. */
  readonly split?: DrawnSplit;
}

/** How many images each class gets of a total: the same number, or FER2013's shares (disgust is rare). */
export type Balance = 'equal' | 'fer2013';

/**
 * Images per emotion in FER2013's training part: I. J. Goodfellow et al., *Challenges in Representation
 * Learning*, ICONIP 2013.
 */
const FER2013_TRAIN: Readonly<Record<Emotion, number>> = {
  angry: 3995,
  disgust: 436,
  fear: 4097,
  happy: 7215,
  neutral: 4965,
  sad: 4830,
  surprise: 3171,
};

/**
 * Draws a set of faces in memory: uint8 `[image, 48, 48, 1]`, 0..255, sorted by class. They are drawn, not
 * photographed: say so wherever their figures appear. The faces are those that {@link writeDrawnFaces}
 * writes for the same seed, split and numbers.
 *
 * @throws InputError for an unknown or repeated class or a number of images that is not a whole number.
 *
 * @example
 * const faces = drawFaces({ classes: ['happy', 'sad'], perClass: 100, seed: 1 });
 */
export function drawFaces({
  classes = EMOTIONS,
  perClass,
  seed = 42,
  split = 'train',
}: DrawOptions): ImageSet {
  const emotions = checkEmotions(classes);
  const counts = countsPerEmotion(emotions, perClass);
  const random = createRandom(seed);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const pixels = new Uint8Array(total * FACE_SIZE * FACE_SIZE);
  const labels = new Int32Array(total);
  const names: string[] = [];
  emotions.forEach((emotion, label) => {
    for (let index = 0; index < at(counts, label); index++) {
      labels[names.length] = label;
      pixels.set(drawFace(emotion, random, split, index), names.length * FACE_SIZE * FACE_SIZE);
      names.push(drawnName(split, emotion, index));
    }
  });
  return { classes: emotions, height: FACE_SIZE, width: FACE_SIZE, channels: 1, pixels, labels, names };
}

/** Face `index` of an emotion: uint8 `[48, 48]`; a function of the seed, the split, the emotion and the index. */
export function drawFace(emotion: Emotion, root: Random, split: DrawnSplit, index: number): Uint8Array {
  const random = root.fork('drawn', split, emotion, index);
  return renderFace(randomFace(emotion, random), random.fork('noise'));
}

/** Path relative to the data root, e.g. `train/happy/drawn_00001.png`. */
export function drawnName(split: DrawnSplit, emotion: Emotion, index: number): string {
  return `${split}/${emotion}/drawn_${String(index + 1).padStart(5, '0')}.png`;
}

/**
 * Splits `total` images over the classes (largest remainders), at least one each.
 * @throws InputError when there are fewer images than classes.
 */
export function spreadOver(total: number, emotions: readonly Emotion[], balance: Balance): number[] {
  checkInteger('drawn faces', total, emotions.length);
  const weights = emotions.map((emotion) => (balance === 'equal' ? 1 : FER2013_TRAIN[emotion]));
  const sum = weights.reduce((a, b) => a + b, 0);
  const spare = total - emotions.length;
  const exact = weights.map((weight) => (spare * weight) / sum);
  const counts = exact.map((share) => 1 + Math.floor(share));
  const byRemainder = exact
    .map((share, i) => ({ i, rest: share % 1 }))
    .sort((a, b) => b.rest - a.rest || a.i - b.i);
  const left = total - counts.reduce((a, b) => a + b, 0);
  for (const { i } of byRemainder.slice(0, left)) counts[i] = at(counts, i) + 1;
  return counts;
}

/** @throws InputError for no class, an unknown or a repeated one. */
export function checkEmotions(classes: readonly string[]): Emotion[] {
  const emotions = classes.map((name) => checkOneOf('drawn classes', name, EMOTIONS));
  if (emotions.length > 0 && new Set(emotions).size === emotions.length) return emotions;
  const received = emotions.length === 0 ? 'no class' : `"${classes.join(' ')}"`;
  throw new InputError({ where: 'drawn classes', received, expected: 'each class once' });
}

function countsPerEmotion(emotions: readonly Emotion[], perClass: number | readonly number[]): number[] {
  const counts = typeof perClass === 'number' ? emotions.map(() => perClass) : [...perClass];
  if (counts.length !== emotions.length) {
    const expected = `one per class (${emotions.length})`;
    throw new InputError({ where: 'perClass', received: `${counts.length} numbers`, expected });
  }
  return counts.map((count) => checkInteger('perClass', count, 0));
}
