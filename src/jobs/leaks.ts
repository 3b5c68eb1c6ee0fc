import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { InputError } from '../core/errors.js';
import { leakedIndices } from '../data/duplicates.js';
import type { ImageSet } from '../data/images.js';
import { isCsv, loadImages } from '../data/load.js';
import type { JobHooks } from './events.js';
import { trainingClasses } from './load-classes.js';

/** Where training pictures lie, and where their decoded copies are kept. */
export interface TrainingData {
  /** A folder with `train/`, or a file like `fer2013.csv`. */
  readonly data: string;
  readonly cacheDir?: string;
}

/**
 * Where the data has a training part: indices of the test pictures that are exact copies of pictures in there,
 * under whatever class, also one that the model does not know.
 *
 * @returns undefined where there is no training part, or none that can be read, which a note says
 */
export async function findLeaks(
  test: ImageSet,
  { data, cacheDir }: TrainingData,
  hooks: JobHooks,
): Promise<number[] | undefined> {
  if (!isCsv(data) && !existsSync(join(data, 'train'))) return undefined;
  try {
    const { images, rejected } = await loadImages({
      data,
      split: 'train',
      classes: trainingClasses(data),
      sourceSize: [test.height, test.width],
      colour: test.channels === 1 ? 'grey' : 'rgb',
      onCorrupt: 'skip',
      ...(cacheDir === undefined ? {} : { cacheDir }),
      onProgress: ({ done, total }) =>
        hooks.onEvent?.({ kind: 'working', what: 'looking for copies in train', done, total }),
    });
    if (rejected.length > 0) {
      const first = rejected[0]?.name ?? '';
      const text = `Copies were looked for without ${rejected.length} unreadable training images, the first: ${first}`;
      hooks.onEvent?.({ kind: 'note', text });
    }
    return leakedIndices(test, images);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // A defect of the training part is no reason to refuse a figure of the test part.
    const text = `Copies of training images were not looked for: ${error.message}`;
    hooks.onEvent?.({ kind: 'note', text });
    return undefined;
  }
}
