import { type Stats, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';

import { InputError } from '../core/errors.js';
import { type Split, checkClasses, defaultClasses } from './images.js';

/** One picture file of a data set in class folders. */
export interface ImageFile {
  /** Path that opens the file. */
  readonly path: string;
  /** Path relative to the data root, separated by `/` on every platform. */
  readonly name: string;
  /** Position of its folder in the class list. */
  readonly label: number;
  /** Bytes. */
  readonly size: number;
}

/** What {@link listFolder} reads. */
export interface FolderOptions {
  /** The folder that holds `train` and `test`; one of them is enough. */
  readonly root: string;
  readonly split: Split;
  /** Any subset of the class folders in any order; default {@link defaultClasses}. */
  readonly classes?: readonly string[];
}

/** Endings that count as pictures, in lower case. */
export const imageEndings: readonly string[] = ['.png', '.jpg', '.jpeg', '.bmp', '.webp'];

/**
 * Lists the pictures under `root/split/class/`: by class in the order asked for, then by name in the order
 * of UTF-16 code units, which no locale changes. Other files, hidden files and deeper folders are ignored.
 *
 * @throws InputError when a folder is missing or a class has no picture; the sentence lists what is there.
 *
 * @example
 * const files = listFolder({ root: 'fer2013', split: 'train', classes: ['happy', 'neutral'] });
 */
export function listFolder({ root, split, classes = defaultClasses }: FolderOptions): ImageFile[] {
  checkClasses('classes', classes);
  const present = listClasses(root, split);
  checkPresent({ root, split, classes, present });
  return classes.flatMap((name, label) => listClass(root, `${split}/${name}`, label));
}

/**
 * Names of the class folders under `root/split`, sorted.
 * @throws InputError when the root or the split's folder is missing.
 */
export function listClasses(root: string, split: Split): string[] {
  if (!isFolder(root)) {
    const remedy = 'give the folder that holds train/ and test/';
    throw new InputError({ where: root, received: 'no such folder', expected: 'a data folder', remedy });
  }
  const folder = join(root, split);
  if (!isFolder(folder)) {
    const received = `no folder "${split}" (there: ${listed(foldersIn(root))})`;
    throw new InputError({ where: root, received, expected: `class folders in ${split}/` });
  }
  return foldersIn(folder);
}

/** {@link listClasses} without those that hold no picture. @throws InputError as `listClasses` */
export function classesWithPictures(root: string, split: Split): string[] {
  const has = (name: string) => readdirSync(join(root, split, name)).some(isImageName);
  return listClasses(root, split).filter(has);
}

/** Class folders of `root/split` that `classes` leaves out. */
export function unusedClasses(options: FolderOptions): string[] {
  const { root, split, classes = defaultClasses } = options;
  return listClasses(root, split).filter((name) => !classes.includes(name));
}

function checkPresent(found: Required<FolderOptions> & { readonly present: readonly string[] }): void {
  const { root, split, classes, present } = found;
  const missing = classes.filter((name) => !present.includes(name));
  if (missing.length === 0) return;
  throw new InputError({
    where: join(root, split),
    received: `no folder for ${missing.map((name) => `"${name}"`).join(', ')} (there: ${listed(present)})`,
    expected: 'one folder per class',
    remedy: 'choose among the classes that are there',
  });
}

function listClass(root: string, relative: string, label: number): ImageFile[] {
  const entries = readdirSync(join(root, relative)).sort();
  const files = entries.filter(isImageName).flatMap((entry): ImageFile[] => {
    const path = join(root, relative, entry);
    const stats = statOf(path);
    if (stats?.isFile() !== true) return [];
    return [{ path, name: `${relative}/${entry}`, label, size: stats.size }];
  });
  if (files.length === 0) throw emptyClass(join(root, relative), entries);
  return files;
}

function emptyClass(folder: string, entries: readonly string[]): InputError {
  const others = entries.length === 0 ? '' : ` (there: ${listed(entries)})`;
  const endings = imageEndings.map((ending) => ending.slice(1)).join(', ');
  return new InputError({
    where: folder,
    received: `no picture${others}`,
    expected: `at least one file of type ${endings}`,
    remedy: 'add pictures or leave the class out',
  });
}

function isImageName(entry: string): boolean {
  // macOS leaves "._name.jpg" files, which are not pictures, on foreign disks.
  return !entry.startsWith('.') && imageEndings.includes(extname(entry).toLowerCase());
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((entry) => !entry.startsWith('.') && isFolder(join(folder, entry)))
    .sort();
}

function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() === true;
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** The first names of a list, for a message. */
function listed(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  const more = names.length > 10 ? `, and ${names.length - 10} more` : '';
  return `${names.slice(0, 10).join(', ')}${more}`;
}
