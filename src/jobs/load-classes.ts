import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { fer2013Classes } from '../data/csv.js';
import { classesWithPictures } from '../data/folder.js';
import { mergeClasses, type ClassMap } from '../data/class-map.js';
import { isCsv, loadImages, type LoadedImages, type LoadOptions } from '../data/load.js';
import { isJsonObject, type Json } from '../layers/json.js';
import type { Origin } from '../models/model.js';

/** What {@link loadClasses} reads. */
export interface LoadClassesOptions extends LoadOptions {
  readonly classes: readonly string[];
  /** What some of the classes are made of. */
  readonly map?: ClassMap | undefined;
}

/**
 * {@link loadImages} for classes that may be made of others: a class of the map is read from the folders of its
 * parts, or from its own where the data is merged already.
 *
 * @throws InputError as `loadImages`
 */
export async function loadClasses({ map, classes, ...options }: LoadClassesOptions): Promise<LoadedImages> {
  if (map === undefined) return loadImages({ ...options, classes });
  const sources = Object.fromEntries(classes.map((name) => [name, sourcesOf(options, name, map)]));
  const loaded = await loadImages({ ...options, classes: Object.values(sources).flat() });
  return { ...loaded, images: mergeClasses(loaded.images, sources) };
}

function sourcesOf({ data, split }: Pick<LoadOptions, 'data' | 'split'>, name: string, map: ClassMap) {
  const parts = map[name] ?? [name];
  const has = (folder: string) => existsSync(join(data, split, folder));
  return !isCsv(data) && !parts.some(has) && has(name) ? [name] : parts;
}

/** Classes of which a data set has training pictures, FER2013's seven for a CSV file. @throws InputError where there is no data */
export function trainingClasses(data: string): readonly string[] {
  return isCsv(data) ? fer2013Classes : classesWithPictures(data, 'train');
}

/** The class map that a model's origin remembers. */
export function classMapOf({ classMap }: Origin): ClassMap | undefined {
  if (!isJsonObject(classMap)) return undefined;
  const entries = Object.entries(classMap).filter((entry): entry is [string, readonly string[]] =>
    isNames(entry[1]),
  );
  return Object.fromEntries(entries);
}

function isNames(json: Json | undefined): json is readonly string[] {
  return Array.isArray(json) && json.every((name) => typeof name === 'string');
}
