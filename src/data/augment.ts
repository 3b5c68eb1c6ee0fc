import type { Random } from '../core/random.js';
import { drawEraseBox, eraseBox } from './augment-erase.js';
import {
  type Augmentation,
  type Chance,
  type FactorRange,
  type PictureFormat,
  checkAugmentation,
} from './augment-options.js';
import { applyPolicy, drawPolicy } from './augment-policy.js';
import { adjustHue, adjustSaturation } from './colour.js';
import { type Geometry, type Planes, composeAffine, warp } from './warp.js';

export type {
  Augmentation,
  Chance,
  Erasing,
  FactorRange,
  PictureFormat,
  RandAugment,
} from './augment-options.js';
export {
  checkAugmentation,
  defaultAugmentation,
  noAugmentation,
  referenceAugmentation,
} from './augment-options.js';

/**
 * Turns the picture whose uint8 `[row, column, channel]` pixels begin at `start` into augmented float planes
 * `[channel, row, column]` in 0..255, a function of the pixels and the random stream only.
 */
export type Augmenter = (pixels: Uint8Array, start: number, random: Random, target: Planes) => void;

/**
 * Prepares an augmentation for pictures of one size. The augmenter keeps a scratch picture: use one per thread.
 * @throws InputError when a figure of the augmentation is out of range.
 *
 * @example
 * const augment = createAugmenter({ height: 48, width: 48, channels: 1 }, defaultAugmentation);
 * augment(images.pixels, 7 * 2304, random.fork('augment', epoch, position), { data: x, offset: 0 });
 */
export function createAugmenter(format: PictureFormat, augmentation: Augmentation): Augmenter {
  const { interpolation, border, fill, erasing } = checkAugmentation(augmentation);
  const { height, width, channels } = format;
  const length = height * width * channels;
  const scratch: Planes = { data: new Float32Array(length), offset: 0 };
  const options = {
    height,
    width,
    channels,
    interpolation: interpolation ?? 'bilinear',
    border: border ?? 'reflect',
    fill: fill ?? 0,
  };
  return (pixels, start, random, target) => {
    const geometry = drawGeometry(augmentation, random);
    const developed = geometry === undefined ? target : scratch;
    develop(pixels, start, format, drawTone(augmentation, channels, random), developed);
    if (geometry !== undefined) {
      warp(scratch, target, composeAffine(height, width, geometry), options);
      if (interpolation === 'bicubic') clip(target, length);
    }
    applyPolicy(drawPolicy(augmentation, random), target, scratch, format, options);
    if (erasing === undefined || !happens(erasing, random)) return;
    const box = drawEraseBox(random, height, width, erasing);
    if (box !== undefined) eraseBox(target, format, box, erasing.fill, random);
  };
}

/** Copies uint8 `[row, column, channel]` pixels to float `[channel, row, column]` planes, unchanged. */
export function toPlanes(pixels: Uint8Array, start: number, format: PictureFormat, target: Planes): void {
  develop(pixels, start, format, undefined, target);
}

/** Changes of colour and light; brightness in 0..255. */
interface Tone {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  readonly hue: number;
}

function happens(chance: Chance | undefined, random: Random): boolean {
  return chance !== undefined && random.uniform() < (chance.probability ?? 1);
}

function drawFactor(factors: FactorRange | undefined, random: Random): number {
  if (factors === undefined || !happens(factors, random)) return 1;
  return random.between(factors.low, factors.high);
}

function drawShift(chance: Chance | undefined, amount: number | undefined, random: Random): number {
  return amount !== undefined && happens(chance, random) ? random.between(-amount, amount) : 0;
}

function drawTone(augmentation: Augmentation, channels: number, random: Random): Tone | undefined {
  const { brightness, contrast, saturation, hue } = augmentation;
  const tone = {
    brightness: 255 * drawShift(brightness, brightness?.delta, random),
    contrast: drawFactor(contrast, random),
    saturation: channels === 3 ? drawFactor(saturation, random) : 1,
    hue: channels === 3 ? drawShift(hue, hue?.delta, random) : 0,
  };
  const still = tone.brightness === 0 && tone.contrast === 1 && tone.saturation === 1 && tone.hue === 0;
  return still ? undefined : tone;
}

/** The geometry of one picture, or undefined when it stays where it is. */
function drawGeometry(augmentation: Augmentation, random: Random): Geometry | undefined {
  const { flip: mirror, zoomCrop, shear: slant, rotation: turn, translation: move } = augmentation;
  const flip = happens(mirror, random);
  const crop = { side: drawFactor(zoomCrop, random), x: 0.5, y: 0.5 };
  if (crop.side !== 1) [crop.x, crop.y] = [random.uniform(), random.uniform()];
  const shear = drawShift(slant, slant?.degrees, random);
  const scale = drawFactor(augmentation.scale, random);
  const rotation = drawShift(turn, turn?.degrees, random);
  const translation = { x: 0, y: 0 };
  if (move !== undefined && happens(move, random)) {
    translation.x = random.between(-move.fraction, move.fraction);
    translation.y = random.between(-move.fraction, move.fraction);
  }
  const still = crop.side === 1 && shear === 0 && scale === 1 && rotation === 0;
  if (still && !flip && translation.x === 0 && translation.y === 0) return undefined;
  return { flip, crop, shear, scale, rotation, translation };
}

/** Loads a picture into float planes and applies a tone, clipped to 0..255. */
function develop(
  pixels: Uint8Array,
  start: number,
  { height, width, channels }: PictureFormat,
  tone: Tone | undefined,
  target: Planes,
): void {
  const size = height * width;
  const { data, offset } = target;
  for (let channel = 0; channel < channels; channel++) {
    const first = start + channel;
    const gain = tone?.contrast ?? 1;
    // (x + b − (m + b))·g + m + b: contrast works about the mean of the brightened picture.
    const mean = gain === 1 ? 0 : channelMean(pixels, first, size, channels);
    const bias = mean * (1 - gain) + (tone?.brightness ?? 0);
    const plane = offset + channel * size;
    for (let p = 0, q = first; p < size; p++, q += channels) {
      data[plane + p] = (pixels[q] as number) * gain + bias;
    }
  }
  if (tone === undefined) return;
  if (tone.saturation !== 1) adjustSaturation(data, offset, size, tone.saturation);
  if (tone.hue !== 0) adjustHue(data, offset, size, tone.hue);
  clip(target, size * channels);
}

function channelMean(pixels: Uint8Array, first: number, size: number, step: number): number {
  let sum = 0;
  for (let q = first; q < first + size * step; q += step) sum += pixels[q] as number;
  return sum / size;
}

function clip({ data, offset }: Planes, length: number): void {
  for (let p = offset; p < offset + length; p++) {
    const value = data[p] as number;
    if (value < 0) data[p] = 0;
    else if (value > 255) data[p] = 255;
  }
}
