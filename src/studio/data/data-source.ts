import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

import { fer2013Classes } from '../../data/csv.js';
import { decodeImage } from '../../data/decode.js';
import { classesWithPictures, imageEndings, listFolder } from '../../data/folder.js';
import { imageAt, type ImageSet, type Picture, type Split } from '../../data/images.js';
import { isCsv, loadImages } from '../../data/load.js';
import { notThere } from '../parts.js';

/** A data set to look at, by names as `mien` lists them: `train/happy/1.png`, `Training/row-7`. */
export interface DataSource {
  /** Classes of a half with the names of their pictures; undefined where there is no such half. */
  list(split: Split): Promise<ReadonlyMap<string, readonly string[]> | undefined>;
  /** @throws RequestError 404 for a name of no picture */
  picture(name: string): Promise<Picture>;
}

/** Data sets that were opened, by their path; the last ones are kept. */
export class DataSources {
  private readonly open_ = new Map<string, DataSource>();

  constructor(private readonly cacheDir: string | undefined) {}

  open(data: string): DataSource {
    const known = this.open_.get(data);
    if (known !== undefined) return known;
    // A CSV file's pictures are kept in memory, so one data set at a time.
    this.open_.clear();
    const source = isCsv(data) ? csvSource(data, this.cacheDir) : folderSource(data);
    this.open_.set(data, source);
    return source;
  }
}

function folderSource(root: string): DataSource {
  return {
    list: (split) => Promise.resolve(listHalf(root, split)),
    picture: async (name) => {
      const path = picturePath(root, name);
      return decodeImage(await readFile(path), name);
    },
  };
}

function listHalf(root: string, split: Split): ReadonlyMap<string, readonly string[]> | undefined {
  if (!existsSync(join(root, split))) return undefined;
  const classes = classesWithPictures(root, split);
  const files = classes.length === 0 ? [] : listFolder({ root, split, classes });
  const byClass = new Map<string, string[]>(classes.map((name) => [name, []]));
  for (const { name, label } of files) byClass.get(classes[label] ?? '')?.push(name);
  return byClass;
}

/**
 * The file of a name below a data root.
 * @throws RequestError 404 for anything that is not `train|test / class / picture`, and so for every way out
 */
export function picturePath(root: string, name: string): string {
  const parts = name.split('/');
  const [split = '', folder = '', file = ''] = parts;
  const plain = parts.every((part) => part !== '' && !part.startsWith('.') && !/[\\:\0]/.test(part));
  const isPicture = imageEndings.includes(extname(file).toLowerCase());
  const path = join(root, split, folder, file);
  if (parts.length === 3 && plain && isPicture && (split === 'train' || split === 'test') && existsSync(path))
    return path;
  throw notThere('name', 'a picture of the data');
}

function csvSource(data: string, cacheDir: string | undefined): DataSource {
  const halves = new Map<Split, Promise<ImageSet>>();
  const load = (split: Split) => {
    const known = halves.get(split);
    if (known !== undefined) return known;
    const loading = loadImages({
      ...{ data, split, classes: fer2013Classes, sourceSize: [48, 48], colour: 'grey' },
      ...(cacheDir === undefined ? {} : { cacheDir }),
    }).then(({ images }) => images);
    halves.set(split, loading);
    return loading;
  };
  return {
    list: async (split) => byClass(await load(split)),
    picture: async (name) => {
      const images = await load(name.startsWith('Training/') ? 'train' : 'test');
      const index = images.names.indexOf(name);
      if (index < 0) throw notThere('name', 'a picture of the data');
      return imageAt(images, index);
    },
  };
}

function byClass({ classes, labels, names }: ImageSet): ReadonlyMap<string, readonly string[]> {
  const found = classes.map(() => [] as string[]);
  names.forEach((name, i) => found[labels[i] ?? 0]?.push(name));
  return new Map(classes.map((name, i) => [name, found[i] ?? []]));
}
