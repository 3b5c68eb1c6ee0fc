import type { ImageSet } from '../data/images.js';
import { trainedClasses } from './auxiliary.js';
import type { JobHooks } from './events.js';
import { loadClasses } from './load-classes.js';
import type { TrainSettings } from './settings.js';
import { pictureForm } from './start-parts.js';

/** Reads the pictures of a training, in the form that its recipe keeps them. @throws InputError */
export async function loadTraining(
  settings: TrainSettings,
  cacheDir: string | undefined,
  hooks: JobHooks,
): Promise<ImageSet> {
  const { side, colour } = pictureForm(settings.recipe);
  const { images, rejected } = await loadClasses({
    data: settings.data,
    split: 'train',
    classes: trainedClasses(settings),
    sourceSize: [side, side],
    map: settings.map,
    colour,
    ...(cacheDir === undefined ? {} : { cacheDir }),
    onProgress: ({ done, total }) =>
      hooks.onEvent?.({ kind: 'working', what: 'reading images', done, total }),
  });
  if (rejected.length > 0) {
    const named = rejected.slice(0, 5).map(({ name, reason }) => `${name} (${reason})`);
    hooks.onEvent?.({ kind: 'note', text: `${rejected.length} rows left out: ${named.join(', ')}` });
  }
  return images;
}
