import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { InputError, messageOf } from '../core/errors.js';
import { parseCleanList } from '../data/clean-list.js';
import type { ImageSet } from '../data/images.js';
import { isCsv } from '../data/load.js';
import type { JobHooks } from './events.js';
import type { TrainSettings } from './settings.js';

/** Pictures that a list leaves out of training. */
export interface Excluded {
  /** Indices into the training images, ascending. */
  readonly images: readonly number[];
  /** Names in the list that belong to classes which do not train. */
  readonly others: number;
  /** The list's names in order, for the fingerprint of the run. */
  readonly names: readonly string[];
}

/**
 * Finds the pictures of a list among the training pictures. Names of pictures that are there but do not train, since
 * their class does not, are let pass.
 *
 * @param data the folder or CSV file that the images come from
 * @throws InputError when the list cannot be read, or holds a name of no training picture
 */
export function readExcluded(path: string, images: ImageSet, data: string): Excluded {
  const names = parseCleanList(path, readList(path));
  const places = new Map(images.names.map((name, image) => [name, image]));
  const missing = names.filter((name) => !places.has(name));
  const strangers = missing.filter((name) => !isThere(data, name));
  if (strangers.length > 0) throw notThere(path, strangers, names.length, images.names[0] ?? '');
  const found = names.flatMap((name) => places.get(name) ?? []);
  return { images: found.sort((a, b) => a - b), others: missing.length, names };
}

/** What a recipe's list leaves out, which a line says; undefined without a list. @throws InputError as {@link readExcluded} */
export function excludedFrom(
  { recipe, data }: Pick<TrainSettings, 'recipe' | 'data'>,
  images: ImageSet,
  { onEvent }: JobHooks = {},
): Excluded | undefined {
  if (recipe.exclude === undefined) return undefined;
  const excluded = readExcluded(recipe.exclude, images, data);
  const others = excluded.others === 0 ? '' : `; ${excluded.others} more are of classes that do not train`;
  const text = `${excluded.images.length} images listed in ${recipe.exclude} do not train${others}`;
  onEvent?.({ kind: 'note', text });
  return excluded;
}

/** A row of a CSV file is known by its number only, so that any row may be of a class that does not train. */
function isThere(data: string, name: string): boolean {
  if (isCsv(data)) return /^Training\/row-\d+$/.test(name);
  return /^train\/[^/]+\/[^/]+$/.test(name) && existsSync(join(data, name));
}

function readList(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const received = `"${path}" (${messageOf(error)})`;
    const expected = 'a file with a name per line, as "mien data audit --write-clean" writes it';
    throw new InputError({ where: '--exclude', received, expected }, { cause: error });
  }
}

function notThere(where: string, strangers: readonly string[], of: number, example: string): InputError {
  const [first = ''] = strangers;
  const which =
    strangers.length === 1 ? `"${first}"` : `${strangers.length} of ${of} names, the first "${first}"`;
  return new InputError({
    where,
    received: `${which}, which ${strangers.length === 1 ? 'is' : 'are'} not among the training pictures`,
    expected: `names below the data root like "${example}"`,
    remedy: 'write the list anew with "mien data audit --write-clean" on this data',
  });
}
