import { checkInteger, checkNumber, checkOneOf } from '../core/checks.js';
import { InputError } from '../core/errors.js';
import type { Border, Interpolation } from './warp.js';

/** Size of the pictures that one augmenter works on. */
export interface PictureFormat {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

/** How often a change happens: 0 never, 1 (the default) always. */
export interface Chance {
  readonly probability?: number;
}

/** A factor drawn evenly between `low` and `high`. */
export interface FactorRange extends Chance {
  readonly low: number;
  readonly high: number;
}

/** RandAugment (Cubuk et al. 2020, arXiv:1909.13719) over operations that suit faces. */
export interface RandAugment extends Chance {
  /** Operations per picture. */
  readonly n: number;
  /** Their strength, 0..30. */
  readonly m: number;
}

/** Random erasing (Zhong et al. 2017, arXiv:1708.04896). */
export interface Erasing extends Chance {
  /** Smallest and largest area of the rectangle, as fractions of the picture. */
  readonly area: readonly [number, number];
  /** Smallest and largest height / width. */
  readonly aspect: readonly [number, number];
  /** The picture's own mean per channel, or even noise in 0..255 per value. */
  readonly fill: 'mean' | 'noise';
}

/**
 * What may happen to a training picture; whatever is left out does not. A plain record: it can be written to
 * YAML and sent to a worker.
 *
 * Order: flip, brightness, contrast, saturation, hue, clip to 0..255, zoom-crop, shear, scale, rotation,
 * translation (all geometry in one resampling), the policy's operations one after another, erasing.
 */
export interface Augmentation {
  /** Mirror left and right. */
  readonly flip?: Chance;
  /** Shift by up to ±`delta` of the 0..1 range. */
  readonly brightness?: Chance & { readonly delta: number };
  /** Stretch about the picture's mean, per channel. */
  readonly contrast?: FactorRange;
  /** Saturation factor; nothing happens to grey data. */
  readonly saturation?: FactorRange;
  /** Turn by up to ±`delta` of the colour circle; nothing happens to grey data. */
  readonly hue?: Chance & { readonly delta: number };
  /** Cut out a window with a side of `low`..`high` of the picture's, at a random place, and bring it back to size. */
  readonly zoomCrop?: FactorRange;
  /** Slant by up to ±`degrees`. */
  readonly shear?: Chance & { readonly degrees: number };
  /** Enlarge about the centre by `low`..`high`. */
  readonly scale?: FactorRange;
  /** Turn by up to ±`degrees`. */
  readonly rotation?: Chance & { readonly degrees: number };
  /** Move by up to ±`fraction` of width and height. */
  readonly translation?: Chance & { readonly fraction: number };
  /** One operation of random strength per picture (Müller & Hutter 2021, arXiv:2103.10158), of those that suit faces. */
  readonly trivialAugment?: Chance;
  /** Several operations of one strength per picture; in place of `trivialAugment`. */
  readonly randAugment?: RandAugment;
  readonly erasing?: Erasing;
  /** Default `bilinear`. */
  readonly interpolation?: Interpolation;
  /** What moves in from outside; default `reflect`. */
  readonly border?: Border;
  /** Value in 0..255 beyond a `constant` border; default 0. */
  readonly fill?: number;
}

/** Pictures as they are. */
export const noAugmentation: Augmentation = {};

/** The augmentation of the reference project. */
export const referenceAugmentation: Augmentation = {
  flip: { probability: 0.5 },
  brightness: { delta: 0.2 },
  contrast: { low: 0.8, high: 1.2 },
  saturation: { probability: 0.5, low: 0.9, high: 1.1 },
  hue: { probability: 0.5, delta: 0.03 },
  zoomCrop: { probability: 0.8, low: 0.85, high: 1 },
};

/** Mien's own augmentation for small grey faces. */
export const defaultAugmentation: Augmentation = {
  flip: { probability: 0.5 },
  brightness: { probability: 0.5, delta: 0.1 },
  contrast: { probability: 0.5, low: 0.8, high: 1.2 },
  scale: { low: 0.85, high: 1.15 },
  rotation: { degrees: 12 },
  translation: { fraction: 0.1 },
  erasing: { probability: 0.25, area: [0.02, 0.15], aspect: [0.5, 2], fill: 'mean' },
};

const names = [
  ...['flip', 'brightness', 'contrast', 'saturation', 'hue', 'zoomCrop', 'shear', 'scale', 'rotation'],
  ...['translation', 'trivialAugment', 'randAugment', 'erasing', 'interpolation', 'border', 'fill'],
];

/**
 * Checks every figure of an augmentation and returns it.
 * @throws InputError that names the option, e.g. `augmentation.rotation.degrees`.
 */
export function checkAugmentation(augmentation: Augmentation, where = 'augmentation'): Augmentation {
  for (const name of Object.keys(augmentation)) checkOneOf(where, name, names);
  const { flip, brightness, hue, shear, rotation, translation, erasing } = augmentation;
  for (const name of ['contrast', 'saturation', 'scale', 'zoomCrop'] as const) {
    checkFactors(`${where}.${name}`, augmentation[name], name);
  }
  checkChance(`${where}.flip`, flip);
  checkAmount(`${where}.brightness`, 'delta', brightness, brightness?.delta, 1);
  checkAmount(`${where}.hue`, 'delta', hue, hue?.delta, 0.5);
  checkAmount(`${where}.shear`, 'degrees', shear, shear?.degrees, 60);
  checkAmount(`${where}.rotation`, 'degrees', rotation, rotation?.degrees, 180);
  checkAmount(`${where}.translation`, 'fraction', translation, translation?.fraction, 1);
  checkPolicy(where, augmentation);
  if (erasing !== undefined) checkErasing(`${where}.erasing`, erasing);
  checkOneOf(`${where}.interpolation`, augmentation.interpolation ?? 'bilinear', ['bilinear', 'bicubic']);
  checkOneOf(`${where}.border`, augmentation.border ?? 'reflect', ['reflect', 'edge', 'constant']);
  checkNumber(`${where}.fill`, augmentation.fill ?? 0, 0, 255);
  return augmentation;
}

function checkPolicy(where: string, { trivialAugment, randAugment }: Augmentation): void {
  checkChance(`${where}.trivialAugment`, trivialAugment);
  if (randAugment === undefined) return;
  checkChance(`${where}.randAugment`, randAugment);
  checkInteger(`${where}.randAugment.n`, randAugment.n, 1, 10);
  checkNumber(`${where}.randAugment.m`, randAugment.m, 0, 30);
  if (trivialAugment === undefined) return;
  throw new InputError({ where, received: 'trivialAugment and randAugment', expected: 'one policy' });
}

function checkChance(where: string, chance: Chance | undefined): void {
  checkNumber(`${where}.probability`, chance?.probability ?? 1, 0, 1);
}

function checkAmount(
  where: string,
  name: string,
  chance: Chance | undefined,
  amount: number | undefined,
  max: number,
): void {
  if (chance === undefined) return;
  checkChance(where, chance);
  checkNumber(`${where}.${name}`, amount ?? NaN, 0, max);
}

function checkFactors(where: string, factors: FactorRange | undefined, name: string): void {
  if (factors === undefined) return;
  checkChance(where, factors);
  // A picture cannot be shrunk to nothing, and a window cannot be larger than its picture.
  const least = name === 'scale' || name === 'zoomCrop' ? 0.05 : 0;
  checkRange(where, [factors.low, factors.high], least, name === 'zoomCrop' ? 1 : 20);
}

function checkErasing(where: string, erasing: Erasing): void {
  checkChance(where, erasing);
  checkRange(`${where}.area`, erasing.area, 0, 1);
  checkRange(`${where}.aspect`, erasing.aspect, 0.01, 100);
  checkOneOf(`${where}.fill`, erasing.fill, ['mean', 'noise']);
}

function checkRange(where: string, range: readonly [number, number], min: number, max: number): void {
  for (const end of range) checkNumber(where, end, min, max);
  if (range[0] <= range[1]) return;
  throw new InputError({
    where,
    received: `${range[0]} to ${range[1]}`,
    expected: 'the smaller number first',
  });
}
