import type { Random } from '../core/random.js';
import type { Augmentation, PictureFormat } from './augment-options.js';
import { autoContrast, brighten, contrast, equalize, sharpen } from './augment-tone.js';
import { type Affine, type Planes, type WarpOptions, composeAffine, warp } from './warp.js';

/** Strengths are whole numbers from 0 to this, as in both papers. */
const STRONGEST = 30;

/** One picture on its way through an operation: planes `[channel, row, column]`, 0..255. */
interface Job {
  readonly source: Planes;
  readonly target: Planes;
  readonly format: PictureFormat;
  readonly warp: WarpOptions;
}

/** Writes the target; `amount` is −1..1 for signed operations and 0..1 for the others. */
type Operation = (job: Job, amount: number) => void;

interface PolicyEntry {
  readonly signed: boolean;
  readonly apply: Operation | undefined;
}

const signed = (apply: Operation): PolicyEntry => ({ signed: true, apply });
const plain = (apply: Operation | undefined): PolicyEntry => ({ signed: false, apply });

/**
 * The papers' operations that leave a face a face, the strongest of each in its formula. Left out: solarize, invert and
 * posterize, which no camera does to a face, and colour, which does nothing to grey pictures.
 */
const OPERATIONS = {
  identity: plain(undefined),
  autoContrast: plain(autoContrast),
  equalize: plain(equalize),
  brightness: signed((job, amount) => brighten(job, 1 + 0.5 * amount)),
  contrast: signed((job, amount) => contrast(job, 1 + 0.7 * amount)),
  sharpness: signed((job, amount) => sharpen(job, 1 + 0.9 * amount)),
  rotate: signed((job, amount) => move(job, rotation(job.format, 30 * amount))),
  shearX: signed((job, amount) => move(job, shear(job.format, 0.3 * amount, 0))),
  shearY: signed((job, amount) => move(job, shear(job.format, 0, 0.3 * amount))),
  translateX: signed((job, amount) => move(job, [1, 0, 0.2 * amount * job.format.width, 0, 1, 0])),
  translateY: signed((job, amount) => move(job, [1, 0, 0, 0, 1, 0.2 * amount * job.format.height])),
} as const satisfies Record<string, PolicyEntry>;

/** Names of the operations that policies draw from. */
export type PolicyOperation = keyof typeof OPERATIONS;

/** The operations that policies draw from. */
export const policyOperations = Object.keys(OPERATIONS) as PolicyOperation[];

/** An operation and its signed strength, −1..1. */
export interface PolicyDraw {
  readonly operation: PolicyOperation;
  readonly amount: number;
}

/**
 * Draws what a policy does to one picture.
 *
 * `trivialAugment`: one operation at a strength of 0 to 30, all equally likely (Müller & Hutter 2021,
 * arXiv:2103.10158). `randAugment`: `n` operations, which may repeat, at strength `m` of 30 (Cubuk et al. 2020,
 * arXiv:1909.13719). Either way a signed operation goes to one side or the other.
 */
export function drawPolicy(
  { trivialAugment, randAugment }: Pick<Augmentation, 'trivialAugment' | 'randAugment'>,
  random: Random,
): PolicyDraw[] {
  const chosen = trivialAugment ?? randAugment;
  if (chosen === undefined || random.uniform() >= (chosen.probability ?? 1)) return [];
  const count = trivialAugment === undefined ? (randAugment?.n ?? 0) : 1;
  return Array.from({ length: count }, () => {
    const operation = policyOperations[random.integer(policyOperations.length)] ?? 'identity';
    const strength = trivialAugment === undefined ? (randAugment?.m ?? 0) : random.integer(STRONGEST + 1);
    const side = random.uniform() < 0.5 ? -1 : 1;
    return { operation, amount: ((OPERATIONS[operation].signed ? side : 1) * strength) / STRONGEST };
  });
}

/** Applies draws one after another to a picture in place; `scratch` holds a picture meanwhile. */
export function applyPolicy(
  draws: readonly PolicyDraw[],
  picture: Planes,
  scratch: Planes,
  format: PictureFormat,
  options: WarpOptions,
): void {
  const length = format.height * format.width * format.channels;
  for (const { operation, amount } of draws) {
    const { apply } = OPERATIONS[operation];
    if (apply === undefined) continue;
    scratch.data.set(picture.data.subarray(picture.offset, picture.offset + length), scratch.offset);
    apply({ source: scratch, target: picture, format, warp: options }, amount);
  }
}

function move({ source, target, warp: options }: Job, matrix: Affine): void {
  warp(source, target, matrix, options);
}

function rotation({ height, width }: PictureFormat, degrees: number): Affine {
  return composeAffine(height, width, { rotation: degrees });
}

/** Slants about the centre: `x` along rows, `y` along columns, as tangents. */
function shear({ height, width }: PictureFormat, x: number, y: number): Affine {
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  return [1, x, -x * cy, y, 1, -y * cx];
}
