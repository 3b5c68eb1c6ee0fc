import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

import sharp from 'sharp';

import { checkInteger, checkOneOf } from '../core/checks.js';
import { InputError, messageOf } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { decodeImage } from '../data/decode.js';
import type { Picture } from '../data/images.js';
import { cutFrame } from '../faces/cut.js';
import type { DetectedFace, FaceDetector } from '../faces/face.js';
import { FER2013_FRAMING, frameFace } from '../faces/framing.js';
import type { Runtime } from '../runtime/session.js';
import { CropLog, MANY_FACES } from './crop-log.js';
import type { CropRow, CropSettings, CropSummary, ManyFaces } from './crop-log.js';
import type { JobHooks } from './events.js';
import { faceFinder, type FaceFinder } from './find-faces.js';
import { checkExists, filesIn } from './picture-files.js';

/** What {@link cropFolder} is told. */
export interface CropOptions {
  /** Pictures in any folders below, e.g. `train/happy/me.jpg`. */
  readonly folder: string;
  /** Where the faces go, in the same folders below. */
  readonly out: string;
  /** Height and width of the faces, pixels; default 48, FER2013's. */
  readonly size?: number;
  /** What becomes of a picture with several faces; default `largest`. */
  readonly many?: ManyFaces;
  /** Added to a face's box on either side, as a share of its longer side; default FER2013's framing. */
  readonly margin?: number;
  readonly runtime: Runtime;
  /** Used instead of Mien's own; it is not closed. */
  readonly detector?: FaceDetector;
}

/**
 * Makes training pictures of a person's own photographs: finds the face in each, turns it upright, cuts it as FER2013's
 * pictures are cut, and writes it as PNG in the same folder below `out`. `out/crops.jsonl` says what came of each picture;
 * pictures that stand in it already are not looked at again, so that an interrupted run goes on.
 *
 * @throws InputError when the folder is missing or holds no picture, a figure is out of range, or `out` was begun with
 *   other settings
 * @example
 * const { faces, none } = await cropFolder({ folder: 'photos', out: 'data/mine', runtime: ortNode() });
 */
export async function cropFolder(options: CropOptions, hooks: JobHooks = {}): Promise<CropSummary> {
  const { folder, out } = options;
  const settings = settingsOf(options);
  checkExists(folder);
  const log = CropLog.open(out, settings);
  const finder = faceFinder(options.runtime, options.detector);
  let done = 0;
  try {
    for await (const found of filesIn([folder])) {
      if (typeof found !== 'string') throw unreadableFolder(found.error);
      const name = relative(folder, found).split(sep).join('/') || found;
      if (isInside(found, out)) continue;
      if (!log.has(name))
        log.add(await cropPicture(found, name, { ...options, ...settings, find: finder.find }));
      done++;
      hooks.onEvent?.({ kind: 'working', what: 'looking for faces', done });
    }
  } finally {
    await finder.close();
  }
  if (done === 0) throw noPicture(folder);
  return log.summary();
}

function settingsOf({
  size = 48,
  many = 'largest',
  margin = FER2013_FRAMING.margin,
}: CropOptions): CropSettings {
  checkInteger('size', size, 16, 1024);
  checkOneOf('many', many, MANY_FACES);
  if (margin >= -0.25 && margin <= 1) return { size, many, margin };
  throw new InputError({
    where: 'margin',
    received: String(margin),
    expected: 'a share between -0.25 and 1',
  });
}

interface CropContext extends CropSettings {
  readonly out: string;
  readonly find: FaceFinder;
}

async function cropPicture(file: string, name: string, context: CropContext): Promise<CropRow> {
  try {
    const picture = await decodeImage(await readFile(file), file);
    const faces = await context.find(picture);
    // A small picture is a face already; it is brought to size as it is.
    const frames = faces === undefined ? [wholeFrame(picture)] : chosen(faces, context);
    const outputs = frames.map((_, i) => outputName(name, frames.length === 1 ? undefined : i + 1));
    for (const [i, frame] of frames.entries()) {
      const face = cutFrame(picture, frame, [context.size, context.size]);
      writeFileAtomic(join(context.out, outputs[i] ?? ''), await encodePng(face));
    }
    return { file: name, faces: faces?.length ?? 1, outputs, error: '' };
  } catch (error) {
    // A full disk is not the picture's fault.
    if (error instanceof InputError && error.problem.where !== file) throw error;
    return { file: name, faces: 0, outputs: [], error: messageOf(error) };
  }
}

function chosen(faces: readonly DetectedFace[], { many, margin }: CropSettings) {
  const frames = faces.map((face) => frameFace(face, { ...FER2013_FRAMING, margin }));
  if (faces.length <= 1 || many === 'all') return frames;
  if (many === 'skip') return [];
  return [frames.reduce((largest, frame) => (frame.side > largest.side ? frame : largest))];
}

function wholeFrame({ width, height }: Picture) {
  return { x: width / 2, y: height / 2, side: Math.min(width, height), angle: 0 };
}

/** `happy/me.jpg` becomes `happy/me.jpg.png`: two pictures that differ in their ending stay apart. */
function outputName(name: string, number: number | undefined): string {
  return `${name}${number === undefined ? '' : `.${number}`}.png`;
}

async function encodePng({ pixels, width, height, channels }: Picture): Promise<Uint8Array> {
  const image = sharp(pixels, { raw: { width, height, channels } });
  return (channels === 1 ? image.toColourspace('b-w') : image).png().toBuffer();
}

function isInside(file: string, folder: string): boolean {
  const inside = relative(folder, file);
  return !inside.startsWith('..') && inside !== file;
}

function unreadableFolder(error: string): InputError {
  return new InputError({ where: 'crop', received: error, expected: 'a folder that can be read' });
}

function noPicture(folder: string): InputError {
  return new InputError({
    where: folder,
    received: 'no picture',
    expected: 'files of type png, jpg, jpeg, bmp or webp in it or in folders below',
  });
}
