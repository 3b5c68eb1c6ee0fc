import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import type { ClassMap } from '../data/class-map.js';
import { fer2013Classes } from '../data/csv.js';
import { constantImages, pixelHashes } from '../data/duplicates.js';
import { classesWithPictures } from '../data/folder.js';
import { type ImageSet, type Split, subset } from '../data/images.js';
import { isCsv, loadImages } from '../data/load.js';
import { stratifiedSample } from '../data/stratified.js';
import { trainedClasses } from './auxiliary.js';
import { loadForEvaluation } from './evaluate-data.js';
import type { JobHooks } from './events.js';
import { loadClasses } from './load-classes.js';
import type { TrainSettings } from './settings.js';

/** Where a bundle's images come from. */
export interface BundleSource {
  readonly data: string;
  readonly classes: readonly string[];
  readonly map?: ClassMap | undefined;
  readonly preprocessing: Preprocessing;
  /** Settings of the run that the model comes from. */
  readonly run?: TrainSettings | undefined;
  readonly cacheDir?: string | undefined;
  /** Calibration images. */
  readonly images: number;
  readonly checkImages: number;
  readonly seed: number;
}

/** Images of one part, and where they are from. */
export interface ChosenImages {
  readonly set: ImageSet;
  readonly split: string;
}

/** Images of a bundle, at the source size of the model's record. */
export interface BundleImages {
  readonly calibration: ImageSet;
  readonly check: ChosenImages;
  /** Training images left out because the same pixels are held out for validation or test. */
  readonly heldOut: number;
}

/**
 * Chooses a bundle's images: for calibration training images only, each picture once, none of one colour, none whose
 * pixels also are in the validation part of the model's run or in the test part, of whatever class. Equal files have
 * equal pixels, so that no file of those parts gets in either. For the check, images of the test part, else of the
 * validation part, else training images that do not calibrate.
 *
 * @throws InputError when the data is missing or has too few images
 */
export async function chooseBundleImages(source: BundleSource, hooks: JobHooks): Promise<BundleImages> {
  const train = await loadPart(source, 'train', hooks);
  const validation = await loadValidation(source, hooks);
  const heldOutHashes = new Set([
    ...(validation === undefined ? [] : pixelHashes(validation)),
    ...(hasTest(source.data) ? pixelHashes(await loadWholeTest(source, hooks)) : []),
  ]);
  const { usable, heldOut } = usableImages(train, heldOutHashes);
  const chosen = draw(train, usable, source);
  const calibrating = new Set(chosen);
  const rest = usable.filter((image) => !calibrating.has(image));
  return {
    calibration: subset(train, chosen),
    check: await checkPart(source, { train, validation, rest }, hooks),
    heldOut,
  };
}

function usableImages(
  train: ImageSet,
  heldOutHashes: ReadonlySet<string>,
): { readonly usable: number[]; readonly heldOut: number } {
  const constant = new Set(constantImages(train));
  const seen = new Set<string>();
  const usable: number[] = [];
  let heldOut = 0;
  pixelHashes(train).forEach((hash, image) => {
    if (heldOutHashes.has(hash)) heldOut++;
    else if (!seen.has(hash) && !constant.has(image)) usable.push(image);
    seen.add(hash);
  });
  return { usable, heldOut };
}

function draw(train: ImageSet, usable: readonly number[], { data, images, seed }: BundleSource): number[] {
  if (usable.length < images) {
    throw new InputError({
      where: data,
      received: `${usable.length} different training images that are in no other part`,
      expected: `at least ${images} for calibration`,
      remedy: 'give more data, or fewer --images with --optimization-level 0',
    });
  }
  const { labels, classes } = train;
  return stratifiedSample({ candidates: usable, labels, classes: classes.length, count: images, seed });
}

/** What the check images can be taken from. */
interface Parts {
  readonly train: ImageSet;
  readonly validation: ImageSet | undefined;
  /** Training images that do not calibrate. */
  readonly rest: readonly number[];
}

async function checkPart(
  source: BundleSource,
  { train, validation, rest }: Parts,
  hooks: JobHooks,
): Promise<ChosenImages> {
  const { classes, seed, checkImages } = source;
  const sampled = (set: ImageSet, candidates: readonly number[], split: string): ChosenImages => {
    const known = candidates.filter((image) => classes.includes(set.classes[set.labels[image] ?? 0] ?? ''));
    const count = Math.min(checkImages, known.length);
    const { labels } = set;
    const chosen = stratifiedSample({ candidates: known, labels, classes: set.classes.length, count, seed });
    return { set: relabelled(subset(set, chosen), classes), split };
  };
  if (hasTest(source.data)) {
    const test = await loadPart(source, 'test', hooks);
    return sampled(test, [...test.labels.keys()], 'test');
  }
  if (validation !== undefined) return sampled(validation, [...validation.labels.keys()], 'validation');
  return sampled(train, rest, 'train, not used for calibration');
}

/** Labels by the model's classes. */
function relabelled(set: ImageSet, classes: readonly string[]): ImageSet {
  return { ...set, classes, labels: set.labels.map((label) => classes.indexOf(set.classes[label] ?? '')) };
}

function hasTest(data: string): boolean {
  return isCsv(data) || existsSync(join(data, 'test'));
}

function loadOptions({ data, preprocessing, cacheDir }: BundleSource, split: Split, hooks: JobHooks) {
  return {
    data,
    split,
    sourceSize: preprocessing.sourceSize,
    colour: preprocessing.colour,
    ...(cacheDir === undefined ? {} : { cacheDir }),
    onProgress: ({ done, total }: { readonly done: number; readonly total: number }) =>
      hooks.onEvent?.({ kind: 'working', what: `reading ${split} images`, done, total }),
  };
}

async function loadPart(source: BundleSource, split: Split, hooks: JobHooks): Promise<ImageSet> {
  const { classes, map } = source;
  return (await loadClasses({ ...loadOptions(source, split, hooks), classes, map })).images;
}

/** The test part with the classes that the model does not know: a copy there is a copy all the same. */
async function loadWholeTest(source: BundleSource, hooks: JobHooks): Promise<ImageSet> {
  const classes = isCsv(source.data) ? fer2013Classes : classesWithPictures(source.data, 'test');
  const options = loadOptions(source, 'test', hooks);
  return (await loadImages({ ...options, classes, onCorrupt: 'skip' })).images;
}

/** What the model's run held out, from the run's own data. */
async function loadValidation(source: BundleSource, hooks: JobHooks): Promise<ImageSet | undefined> {
  const { run, preprocessing, map, cacheDir } = source;
  if (run === undefined || run.recipe.validationFraction === 0) return undefined;
  const { images, indices } = await loadForEvaluation(
    {
      ...{ data: run.data, split: 'validation', classes: trainedClasses(run), preprocessing, run },
      ...(map === undefined ? {} : { map }),
      ...(cacheDir === undefined ? {} : { cacheDir }),
    },
    hooks,
  );
  return subset(images, indices);
}
