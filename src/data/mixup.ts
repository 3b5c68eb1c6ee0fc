import { checkNumber, checkOneOf } from '../core/checks.js';
import type { Random } from '../core/random.js';

/** MixUp (Zhang et al. 2018, arXiv:1710.09412): pictures and label rows become λ·a + (1 − λ)·b. */
export interface MixUp {
  /** λ ~ Beta(alpha, alpha); default 0.2. */
  readonly alpha?: number;
  /** `reference` draws λ evenly from 0.3..0.9 instead, as the reference project does; default `beta`. */
  readonly law?: 'beta' | 'reference';
  /** Draw one λ per picture instead of one per batch; default false. */
  readonly perSample?: boolean;
  /** Share of the batches that are mixed; default 1. */
  readonly probability?: number;
}

/** CutMix (Yun et al. 2019, arXiv:1905.04899): a rectangle of b is pasted into a, labels mix by its area. */
export interface CutMix {
  /** λ ~ Beta(alpha, alpha), the part of a that is kept; default 1. */
  readonly alpha?: number;
  /** Draw one rectangle per picture instead of one per batch; default false. */
  readonly perSample?: boolean;
  /** Share of the batches that are mixed; default 1. */
  readonly probability?: number;
}

/** The parts of a batch that mixing changes, in place. */
export interface Mixable {
  /** Pictures `[N, channel, row, column]`. */
  readonly x: Float32Array;
  /** Label rows `[N, classes]`. */
  readonly y: Float32Array;
  /** Sample weights `[N]`. */
  readonly weight: Float32Array;
}

/** Size of the batches that one mixer works on. */
export interface MixFormat {
  readonly batchSize: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly classes: number;
}

/** Mixes a batch in place, a function of the batch and the random stream only. */
export type Mixer = (batch: Mixable, random: Random) => void;

/**
 * Prepares MixUp and CutMix for batches of one size; without either, nothing happens. A batch gets one of the
 * two: CutMix is drawn first, and MixUp for the batches that CutMix leaves.
 * @throws InputError when a figure is out of range.
 */
export function createMixer(format: MixFormat, mixup: MixUp | undefined, cutmix: CutMix | undefined): Mixer {
  checkMixing(mixup, cutmix);
  if (mixup === undefined && cutmix === undefined) return () => undefined;
  const copy: Mixable = {
    x: new Float32Array(format.batchSize * pictureLength(format)),
    y: new Float32Array(format.batchSize * format.classes),
    weight: new Float32Array(format.batchSize),
  };
  return (batch, random) => {
    if (cutmix !== undefined && random.uniform() < (cutmix.probability ?? 1)) {
      cutMixBatch(format, batch, snapshot(batch, copy), cutmix, random);
    } else if (mixup !== undefined && random.uniform() < (mixup.probability ?? 1)) {
      mixUpBatch(format, batch, snapshot(batch, copy), mixup, random);
    }
  };
}

/** Draws one λ of MixUp, the share of the first picture, in 0..1. */
export function drawLambda({ alpha = 0.2, law = 'beta' }: MixUp, random: Random): number {
  return law === 'reference' ? random.between(0.3, 0.9) : random.beta(alpha);
}

function checkMixing(mixup: MixUp | undefined, cutmix: CutMix | undefined): void {
  checkNumber('mixup.alpha', mixup?.alpha ?? 1, 0.01, 100);
  checkNumber('mixup.probability', mixup?.probability ?? 1, 0, 1);
  checkOneOf('mixup.law', mixup?.law ?? 'beta', ['beta', 'reference']);
  checkNumber('cutmix.alpha', cutmix?.alpha ?? 1, 0.01, 100);
  checkNumber('cutmix.probability', cutmix?.probability ?? 1, 0, 1);
}

function pictureLength({ channels, height, width }: MixFormat): number {
  return channels * height * width;
}

function snapshot(batch: Mixable, copy: Mixable): Mixable {
  copy.x.set(batch.x);
  copy.y.set(batch.y);
  copy.weight.set(batch.weight);
  return copy;
}

/** A random partner for every row; a row may meet itself, as in the papers. */
function drawPartners(batchSize: number, random: Random): number[] {
  return random.shuffle(Array.from({ length: batchSize }, (_, row) => row));
}

function mixUpBatch(
  format: MixFormat,
  batch: Mixable,
  original: Mixable,
  mixup: MixUp,
  random: Random,
): void {
  const shared = drawLambda(mixup, random);
  drawPartners(format.batchSize, random).forEach((partner, row) => {
    const lambda = mixup.perSample === true ? drawLambda(mixup, random) : shared;
    mixRow(batch.x, original.x, pictureLength(format), row, partner, lambda);
    mixLabels(format, batch, original, row, partner, lambda);
  });
}

function cutMixBatch(
  format: MixFormat,
  batch: Mixable,
  original: Mixable,
  cutmix: CutMix,
  random: Random,
): void {
  const shared = drawCut(format, cutmix, random);
  drawPartners(format.batchSize, random).forEach((partner, row) => {
    const cut = cutmix.perSample === true ? drawCut(format, cutmix, random) : shared;
    paste(format, batch.x, original.x, cut, row, partner);
    const area = (cut.bottom - cut.top) * (cut.right - cut.left);
    mixLabels(format, batch, original, row, partner, 1 - area / (format.height * format.width));
  });
}

function mixLabels(
  format: MixFormat,
  batch: Mixable,
  original: Mixable,
  row: number,
  partner: number,
  lambda: number,
): void {
  mixRow(batch.y, original.y, format.classes, row, partner, lambda);
  mixRow(batch.weight, original.weight, 1, row, partner, lambda);
}

/** `target[row] = λ·original[row] + (1 − λ)·original[partner]` for rows of `length` numbers. */
function mixRow(
  target: Float32Array,
  original: Float32Array,
  length: number,
  row: number,
  partner: number,
  lambda: number,
): void {
  const [a, b] = [row * length, partner * length];
  const rest = 1 - lambda;
  for (let i = 0; i < length; i++) {
    target[a + i] = lambda * (original[a + i] as number) + rest * (original[b + i] as number);
  }
}

interface Cut {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** The rectangle of CutMix: sides √(1 − λ) of the picture's, centre anywhere, cut off at the borders. */
function drawCut({ height, width }: MixFormat, { alpha = 1 }: CutMix, random: Random): Cut {
  const side = Math.sqrt(1 - random.beta(alpha));
  const [y, x] = [random.integer(height), random.integer(width)];
  const [h, w] = [Math.floor(side * height), Math.floor(side * width)];
  const [top, left] = [y - Math.floor(h / 2), x - Math.floor(w / 2)];
  return {
    top: Math.max(0, top),
    bottom: Math.max(0, Math.min(height, top + h)),
    left: Math.max(0, left),
    right: Math.max(0, Math.min(width, left + w)),
  };
}

function paste(
  { channels, height, width }: MixFormat,
  target: Float32Array,
  original: Float32Array,
  cut: Cut,
  row: number,
  partner: number,
): void {
  const size = height * width;
  for (let plane = 0; plane < channels; plane++) {
    for (let y = cut.top; y < cut.bottom; y++) {
      const inside = plane * size + y * width;
      const from = partner * channels * size + inside;
      target.set(
        original.subarray(from + cut.left, from + cut.right),
        row * channels * size + inside + cut.left,
      );
    }
  }
}
