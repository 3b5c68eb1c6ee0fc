import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { InputError } from '../core/errors.js';
import { leakedIndices } from '../data/duplicates.js';
import type { ImageSet, Split } from '../data/images.js';
import { isCsv } from '../data/load.js';
import { stratifiedSample } from '../data/stratified.js';
import { groupDigits } from '../evaluate/table.js';
import type { Model } from '../models/model.js';
import type { JobHooks } from './events.js';
import { classMapOf, loadClasses } from './load-classes.js';
import { modelClasses, modelPreprocessing } from './model-source.js';

/** Pictures for the ranges unless another number is asked for. */
export const CALIBRATION_IMAGES = 1024;
/** Fewest pictures that ranges can be taken from. */
export const FEWEST_IMAGES = 64;
/** Pictures, beside those for calibration, on which repairs are compared. */
const HELD_IMAGES = 256;

/** Where pictures come from. */
export interface QuantizeDataOptions {
  /** Data root or CSV file. */
  readonly data: string;
  /** Pictures for the ranges. */
  readonly images: number;
  readonly seed: number;
  readonly cacheDir?: string;
  /** What one can do where there are fewer pictures than asked for. */
  readonly remedy: string;
}

/** Training pictures for quantization, and the test part where there is one. */
export interface QuantizeData {
  readonly train: ImageSet;
  readonly calibration: readonly number[];
  readonly held: readonly number[];
  readonly test: ImageSet | undefined;
  /** Training pictures left out because the test part has them, too. */
  readonly copies: number;
}

/**
 * Chooses pictures by class, seeded, from the training part; copies of test pictures are left out.
 *
 * @throws InputError when there are too few, a class is missing, or most are test pictures
 */
export async function loadQuantizeData(
  model: Model,
  options: QuantizeDataOptions,
  hooks: JobHooks,
): Promise<QuantizeData> {
  const train = await load(model, options, 'train', hooks);
  const hasTest = isCsv(options.data) || existsSync(join(options.data, 'test'));
  const test = hasTest ? await load(model, options, 'test', hooks) : undefined;
  const copies = new Set(test === undefined ? [] : leakedIndices(train, test));
  checkCopies(options, copies.size, train.labels.length);
  const clean = [...train.labels.keys()].filter((image) => !copies.has(image));
  checkCount(options, clean.length);
  const { calibration, held } = choosePictures(train, clean, options);
  return { train, calibration, held, test, copies: copies.size };
}

function checkCopies({ data }: QuantizeDataOptions, copies: number, all: number): void {
  if (2 * copies <= all) return;
  throw new InputError({
    where: 'calibration',
    received: `${groupDigits(copies)} of ${groupDigits(all)} training pictures of "${data}" that are also test pictures`,
    expected: 'pictures of which the test knows nothing',
  });
}

function checkCount({ images, data, remedy }: QuantizeDataOptions, found: number): void {
  if (images >= FEWEST_IMAGES && found >= images) return;
  const few = images < FEWEST_IMAGES;
  throw new InputError({
    where: 'calibration',
    received: few ? `--images ${images}` : `${groupDigits(found)} training pictures in "${data}"`,
    expected: few ? `at least ${FEWEST_IMAGES}` : `at least ${groupDigits(images)}`,
    ...(few ? {} : { remedy }),
  });
}

/** Draws pictures for the ranges, and others on which repairs are compared, each with the data's shares of the classes. */
export function choosePictures(
  { labels, classes }: Pick<ImageSet, 'labels' | 'classes'>,
  candidates: readonly number[],
  { images, seed }: Pick<QuantizeDataOptions, 'images' | 'seed'>,
): Pick<QuantizeData, 'calibration' | 'held'> {
  const draw = (from: readonly number[], count: number) =>
    stratifiedSample({ candidates: from, labels, classes: classes.length, count, seed });
  const calibration = draw(candidates, images);
  const taken = new Set(calibration);
  const rest = candidates.filter((image) => !taken.has(image));
  return { calibration, held: draw(rest, Math.min(HELD_IMAGES, rest.length)) };
}

async function load(
  model: Model,
  { data, cacheDir }: QuantizeDataOptions,
  split: Split,
  hooks: JobHooks,
): Promise<ImageSet> {
  const { sourceSize, colour } = modelPreprocessing(model);
  const { images } = await loadClasses({
    data,
    split,
    classes: modelClasses(model),
    map: classMapOf(model.origin),
    sourceSize,
    colour,
    ...(cacheDir === undefined ? {} : { cacheDir }),
    onProgress: ({ done, total }) =>
      hooks.onEvent?.({ kind: 'working', what: `reading ${split} images`, done, total }),
  });
  return images;
}
