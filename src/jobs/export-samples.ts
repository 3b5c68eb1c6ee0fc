import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { fer2013Classes } from '../data/csv.js';
import { toColour } from '../data/decode.js';
import { drawFaces } from '../data/draw/draw.js';
import { classesWithPictures } from '../data/folder.js';
import { imageAt, imageCount, subset, type ImageSet, type Picture } from '../data/images.js';
import { isCsv, loadImages } from '../data/load.js';
import { resizeImage } from '../data/resize.js';
import type { JobHooks } from './events.js';

/** Most pictures that an artefact is checked on. */
const MOST = 64;

/** Pictures to check artefacts on, at the size and colour that the record brings pictures to first. */
export interface Samples {
  readonly pictures: readonly Picture[];
  /** Where they come from, in words. */
  readonly source: string;
}

/** Where samples come from. */
export interface SampleSource {
  /** Data root or CSV file; drawn faces without one. */
  readonly data?: string;
  readonly cacheDir?: string;
}

/**
 * Pictures held out from training: some of the data's test part, evenly spread, or drawn faces.
 * @throws InputError when the data is missing or has no pictures
 */
export async function loadSamples(
  record: Preprocessing,
  { data, cacheDir }: SampleSource,
  hooks: JobHooks,
): Promise<Samples> {
  const fit = (set: ImageSet) => picturesOf(set, record);
  if (data === undefined)
    return { pictures: fit(drawFaces({ perClass: 9, seed: 5, split: 'test' })), source: 'drawn faces' };
  const split = isCsv(data) || existsSync(join(data, 'test')) ? 'test' : 'train';
  const { images } = await loadImages({
    data,
    split,
    classes: isCsv(data) ? fer2013Classes : classesWithPictures(data, split),
    sourceSize: record.sourceSize,
    colour: record.colour,
    ...(cacheDir === undefined ? {} : { cacheDir }),
    onProgress: ({ done, total }) =>
      hooks.onEvent?.({ kind: 'working', what: `reading ${split} images`, done, total }),
  });
  if (imageCount(images) === 0)
    throw new InputError({ where: '--data', received: `no ${split} picture in ${data}`, expected: 'some' });
  return { pictures: fit(spread(images)), source: `${split} of ${data}` };
}

function spread(images: ImageSet): ImageSet {
  const count = imageCount(images);
  const most = Math.min(MOST, count);
  return subset(
    images,
    Array.from({ length: most }, (_, i) => Math.floor((i * count) / most)),
  );
}

function picturesOf(set: ImageSet, { sourceSize: [height, width], colour }: Preprocessing): Picture[] {
  return Array.from({ length: imageCount(set) }, (_, i) =>
    resizeImage(toColour(imageAt(set, i), colour), height, width),
  );
}
