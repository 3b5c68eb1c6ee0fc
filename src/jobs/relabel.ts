import { readFileSync } from 'node:fs';

import { InputError, messageOf } from '../core/errors.js';
import type { ImageSet } from '../data/images.js';
import { parseRelabelList } from '../data/relabel-list.js';
import type { JobHooks } from './events.js';
import type { TrainSettings } from './settings.js';

/** Training pictures under corrected labels. */
export interface Relabelled {
  readonly images: ImageSet;
  /** Indices of pictures whose corrected class does not train: they are left out. */
  readonly left: readonly number[];
  /** The list in order, for the fingerprint of the run. */
  readonly lines: readonly string[];
}

/**
 * Gives pictures the labels of a recipe's list, which a line says; undefined without a list. The split is made before, by the
 * labels of the data, so that correcting labels moves no picture from one part to the other.
 * @throws InputError when the list cannot be read or broken
 */
export function relabelledBy(
  { recipe }: Pick<TrainSettings, 'recipe'>,
  images: ImageSet,
  { onEvent }: JobHooks = {},
): Relabelled | undefined {
  if (recipe.relabel === undefined) return undefined;
  const list = parseRelabelList(recipe.relabel, readList(recipe.relabel));
  const labels = images.labels.slice();
  const left: number[] = [];
  let changed = 0;
  images.names.forEach((name, image) => {
    const wanted = list.get(name);
    if (wanted === undefined) return;
    const label = images.classes.indexOf(wanted);
    if (label < 0) left.push(image);
    else labels[image] = label;
    changed++;
  });
  const others = list.size === changed ? '' : `; ${list.size - changed} more are of no picture that trains`;
  onEvent?.({ kind: 'note', text: `${changed} labels corrected by ${recipe.relabel}${others}` });
  const lines = [...list].map(([name, label]) => `${name}\t${label}`);
  return { images: { ...images, labels }, left, lines };
}

function readList(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const received = `"${path}" (${messageOf(error)})`;
    const expected = 'a file with a name, a tab and a class per line';
    throw new InputError({ where: '--relabel', received, expected }, { cause: error });
  }
}
