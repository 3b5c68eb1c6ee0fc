import { InputError } from '../core/errors.js';
import type { ImageSet } from '../data/images.js';
import type { Model } from '../models/model.js';
import { loadForEvaluation, type EvaluationSource, type EvaluationSplit } from './evaluate-data.js';
import type { JobHooks } from './events.js';
import { classMapOf, loadClasses } from './load-classes.js';
import { modelClasses, modelPreprocessing } from './model-source.js';
import { settingsOfModel } from './run-settings.js';
import type { TrainSettings } from './settings.js';

/** Where the pictures are that a device was shown. */
export interface ShownPictures {
  /** The float model: its run may name the data. */
  readonly float: string;
  readonly data?: string;
  readonly cacheDir?: string;
}

/** Reads a part of a data set for a model, labels by the model's classes. @throws InputError */
export async function loadPictures(
  options: ShownPictures,
  model: Model,
  split: EvaluationSplit,
  hooks: JobHooks,
): Promise<{ readonly images: ImageSet; readonly indices: readonly number[] }> {
  const run = settingsOfModel(options.float);
  const [map, preprocessing, { cacheDir }] = [classMapOf(model.origin), modelPreprocessing(model), options];
  const source: EvaluationSource = {
    ...{ data: dataOf(options, run), split, classes: modelClasses(model), preprocessing },
    ...(run === undefined ? {} : { run }),
    ...(map === undefined ? {} : { map }),
    ...(cacheDir === undefined ? {} : { cacheDir }),
  };
  if (split === 'validation') return relabelled(await loadForEvaluation(source, hooks), source.classes);
  const { images } = await loadClasses({
    ...{ ...source, split, map, sourceSize: preprocessing.sourceSize, colour: preprocessing.colour },
    onProgress: ({ done, total }) =>
      hooks.onEvent?.({ kind: 'working', what: `reading ${split} images`, done, total }),
  });
  return { images, indices: [...images.labels.keys()] };
}

/** Labels by the model's classes; a validation part is read with those that only helped in training. */
function relabelled(
  { images, indices }: { readonly images: ImageSet; readonly indices: readonly number[] },
  classes: readonly string[],
) {
  const labels = images.labels.map((label) => classes.indexOf(images.classes[label] ?? ''));
  return { images: { ...images, classes, labels }, indices };
}

function dataOf({ data, float }: ShownPictures, run: TrainSettings | undefined): string {
  const found = data ?? run?.data;
  if (found !== undefined) return found;
  throw new InputError({
    where: '--data',
    received: `nothing, and the model "${float}" is no run folder that names its own`,
    expected: 'the pictures that the device was shown',
  });
}
