import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import type { ClassMap } from '../data/class-map.js';
import { unusedClasses } from '../data/folder.js';
import type { ImageSet, Split } from '../data/images.js';
import { isCsv } from '../data/load.js';
import { trainedClasses } from './auxiliary.js';
import type { JobHooks } from './events.js';
import { findLeaks } from './leaks.js';
import { loadClasses } from './load-classes.js';
import { relabelledBy } from './relabel.js';
import type { TrainSettings } from './settings.js';
import { holdsOut, splitImages } from './split-images.js';

/** Which part of the data is measured. */
export type EvaluationSplit = 'test' | 'validation' | 'train';

/** What is read for an evaluation. */
export interface EvaluationSource {
  readonly data: string;
  readonly split: EvaluationSplit;
  readonly classes: readonly string[];
  /** What some of the classes are made of. */
  readonly map?: ClassMap;
  readonly preprocessing: Preprocessing;
  /** Settings of the run that the model comes from. */
  readonly run?: TrainSettings;
  readonly cacheDir?: string;
}

/** Images and which of them count. */
export interface EvaluationData {
  readonly images: ImageSet;
  readonly indices: readonly number[];
  /** Positions in `indices` of exact copies of training images; absent when nobody looked. */
  readonly leaked?: readonly number[];
}

/** Reads the pictures of a split as a model's preprocessing record says. @throws InputError */
export async function loadForEvaluation(source: EvaluationSource, hooks: JobHooks): Promise<EvaluationData> {
  if (source.split === 'validation') return validationPart(source, hooks);
  const images = await load(source, source.split, hooks);
  const indices = [...images.labels.keys()];
  const leaked = source.split === 'test' ? await findLeaks(images, source, hooks) : undefined;
  return { images, indices, ...(leaked === undefined ? {} : { leaked }) };
}

/** The part that a run held out: the same seed and recipe divide the same pictures in the same way. */
async function validationPart(source: EvaluationSource, hooks: JobHooks): Promise<EvaluationData> {
  const { run } = source;
  if (run === undefined || !holdsOut(run.recipe)) {
    throw new InputError({
      where: '--split',
      received: `validation with ${run === undefined ? 'a model that is no run folder' : 'a run that held nothing out'}`,
      expected: 'the folder of a run with a validation part',
      remedy: 'name such a run with --model, or use --split test',
    });
  }
  // A part of the classes would be divided otherwise, so all are read and the rest dropped afterwards.
  const loaded = await load({ ...source, classes: trainedClasses(run) }, 'train', hooks);
  const { validation } = splitImages(loaded, run.recipe, run.seed, hooks);
  const images = relabelledBy(run, loaded, hooks)?.images ?? loaded;
  const wanted = (image: number) => source.classes.includes(images.classes[images.labels[image] ?? 0] ?? '');
  return { images, indices: validation.filter(wanted) };
}

async function load(source: EvaluationSource, split: Split, hooks: JobHooks): Promise<ImageSet> {
  const { data, classes, map, preprocessing, cacheDir } = source;
  const { images, rejected } = await loadClasses({
    data,
    split,
    classes,
    map,
    sourceSize: preprocessing.sourceSize,
    colour: preprocessing.colour,
    ...(cacheDir === undefined ? {} : { cacheDir }),
    onProgress: ({ done, total }) =>
      hooks.onEvent?.({ kind: 'working', what: `reading ${split} images`, done, total }),
  });
  const note = (text: string) => hooks.onEvent?.({ kind: 'note', text });
  if (rejected.length > 0) note(`${rejected.length} rows left out, the first: ${rejected[0]?.name ?? ''}`);
  if (!isCsv(data)) noteUnused(source, split, note);
  return images;
}

function noteUnused(
  { data, classes, map = {} }: EvaluationSource,
  split: Split,
  note: (text: string) => void,
): void {
  const parts = classes.flatMap((name) => [name, ...(map[name] ?? [])]);
  const unused = unusedClasses({ root: data, split, classes: parts });
  if (unused.length > 0) note(`Not read, for the model or --classes lacks them: ${unused.join(', ')}`);
}
