import { readFile } from 'node:fs/promises';

import { InputError, messageOf } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { decodeImage } from '../data/decode.js';
import { cutFace } from '../faces/crop-face.js';
import type { DetectedFace } from '../faces/face.js';
import { facePlanes } from '../predict/planes.js';
import type { FaceFinder } from './find-faces.js';
import { checkExists, filesIn, type UnreadPicture } from './picture-files.js';

/** A picture as a network takes it. */
export interface ReadPicture {
  readonly file: string;
  /** `[C, h, w]`, pixels 0..255, at the source size of the preprocessing record. */
  readonly planes: Float32Array;
  /** The face that was cut out; undefined where the picture was taken as a whole. */
  readonly face?: FaceInPicture;
  /** Time of reading, decoding and resizing, and of finding faces, shared among them. */
  readonly milliseconds: number;
}

export type { UnreadPicture } from './picture-files.js';

/** A face with its place among the faces of its picture. */
export interface FaceInPicture extends DetectedFace {
  /** From 1, the surest face first. */
  readonly number: number;
  /** Faces in the picture. */
  readonly of: number;
}

/** A picture in which no face was found: read, but without an answer. */
export interface FacelessPicture extends UnreadPicture {
  readonly faces: 0;
  readonly milliseconds: number;
}

/** What comes of a file: a face or a whole picture, no face, or a reason. */
export type PictureItem = ReadPicture | FacelessPicture | UnreadPicture;

/** Pictures decoded at the same time: enough for sharp's threads; a photograph takes some 50 MB meanwhile. */
const inFlight = 4;

/**
 * Reads files and the pictures in folders, in the order in which they are found, a few ahead. The faces of a picture
 * follow one another.
 *
 * @param find finds the faces to cut out; without, pictures are taken as a whole
 * @throws InputError when one of `paths` does not exist
 */
export async function* readPictures(
  paths: readonly string[],
  preprocessing: Preprocessing,
  find?: FaceFinder,
): AsyncGenerator<PictureItem, void, undefined> {
  // All paths are looked at first: a typing error should not show after an hour of work.
  for (const path of paths) checkExists(path);
  const waiting: Promise<readonly PictureItem[]>[] = [];
  for await (const found of filesIn(paths)) {
    const items =
      typeof found === 'string' ? readPicture(found, preprocessing, find) : Promise.resolve([found]);
    waiting.push(items);
    const first = waiting.length < inFlight ? undefined : waiting.shift();
    if (first !== undefined) yield* await first;
  }
  for (const items of waiting) yield* await items;
}

/** Decode, find, cut, colour, resize: the same steps as for training pictures. */
async function readPicture(
  file: string,
  preprocessing: Preprocessing,
  find: FaceFinder | undefined,
): Promise<readonly PictureItem[]> {
  const started = performance.now();
  try {
    const picture = await decodeImage(await readFile(file), file);
    const faces = await find?.(picture);
    if (faces === undefined) {
      const planes = facePlanes(picture, preprocessing);
      return [{ file, planes, milliseconds: performance.now() - started }];
    }
    const cut = faces.map((face) => facePlanes(cutFace(picture, face, preprocessing), preprocessing));
    const milliseconds = performance.now() - started;
    if (cut.length === 0) return [{ file, error: `${file}: no face found`, faces: 0, milliseconds }];
    return faces.map((face, i) => ({
      file,
      planes: cut[i] ?? new Float32Array(0),
      face: { ...face, number: i + 1, of: faces.length },
      milliseconds: milliseconds / faces.length,
    }));
  } catch (error) {
    const text = error instanceof InputError ? error.message : `${file}: ${messageOf(error)}`;
    return [{ file, error: text }];
  }
}
