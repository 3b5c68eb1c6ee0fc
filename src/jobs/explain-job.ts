import { readFile } from 'node:fs/promises';

import sharp from 'sharp';

import { checkOneOf } from '../core/checks.js';
import { InputError, messageOf } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { pictureShapeOf } from '../core/preprocessing.js';
import { decodeImage } from '../data/decode.js';
import type { Picture } from '../data/images.js';
import { createGradCam } from '../explain/grad-cam.js';
import { overlay, type HeatMap } from '../explain/heat-map.js';
import { occlusionMap } from '../explain/occlusion.js';
import { answerOf, type Answer } from '../predict/answer.js';
import { createClassifier } from '../predict/classifier.js';
import { facePlanes } from '../predict/planes.js';
import type { Runtime } from '../runtime/session.js';
import { withRecords, type ModelRecords } from './model-records.js';
import { inferenceOf, modelClasses, openModel } from './model-source.js';
import { checkExists } from './picture-files.js';

/** How an answer is explained. */
export const EXPLAIN_METHODS = ['grad-cam', 'occlusion'] as const;
export type ExplainMethod = (typeof EXPLAIN_METHODS)[number];

/** Pictures per run of the network. */
const BATCH = 16;

/** Where a model looked. */
export interface Explained extends Answer {
  readonly method: ExplainMethod;
  /** The class that is explained. */
  readonly target: string;
  readonly map: HeatMap;
  /** Layer whose feature maps were read; null for occlusion. */
  readonly layer: string | null;
}

/** A model that can say where it looked. */
export interface Explainer {
  readonly classes: readonly string[];
  /**
   * @param target the class to explain; default the answer
   * @throws InputError for a class that the model does not know
   */
  explain(picture: Picture, method: ExplainMethod, target?: string): Promise<Explained>;
  close(): Promise<void>;
}

/**
 * Opens a model with layers for explanations.
 * @throws InputError when there is none
 * @example
 * const explainer = await openExplainer(ortNode(), 'mien');
 * const { map } = await explainer.explain(await decodeImage(bytes, 'photo.jpg'), 'grad-cam');
 */
export async function openExplainer(
  runtime: Runtime,
  source: string,
  records: ModelRecords = {},
): Promise<Explainer> {
  const model = withRecords(await openModel(source), records);
  const parts = inferenceOf(model);
  const pictureShape = pictureShapeOf(parts.preprocessing);
  const classes = modelClasses(model);
  const options = { ...parts, pictureShape };
  const single = await createClassifier(runtime, { ...options, batchSize: 1 });
  // Compiled when they are first asked for: a picture is explained in one way.
  const cam = once(() => createGradCam(runtime, options));
  const many = once(() => createClassifier(runtime, { ...options, batchSize: BATCH }));
  return {
    classes,
    explain: async (picture, method, target) => {
      const planes = facePlanes(picture, parts.preprocessing);
      const answer = answerOf(classes, await single.probabilities(planes));
      const chosen = checkOneOf('--class', target ?? answer.class, classes);
      const place = { pictureShape, target: classes.indexOf(chosen), classes: classes.length };
      const asked = { ...answer, method, target: chosen };
      if (method === 'occlusion')
        return { ...asked, map: await occlusionMap(await many.get(), planes, place), layer: null };
      const opened = await cam.get();
      return { ...asked, map: await opened.explain(planes, place.target), layer: opened.layer };
    },
    close: async () => {
      await Promise.all([single.close(), cam.close(), many.close()]);
    },
  };
}

/** Something that is made once, when it is first asked for, and closed if it was. */
function once<T extends { close(): Promise<void> }>(make: () => Promise<T>) {
  let made: Promise<T> | undefined;
  return {
    get: () => (made ??= make()),
    close: async () => (await made?.catch(() => undefined))?.close(),
  };
}

/** What {@link explainJob} explains. */
export interface ExplainOptions extends ModelRecords {
  /** Picture file. */
  readonly image: string;
  readonly model: string;
  /** Default `grad-cam`. */
  readonly method?: ExplainMethod;
  /** Class to explain; default the answer. */
  readonly target?: string;
  /** PNG with the map over the picture. */
  readonly out: string;
  readonly runtime: Runtime;
}

/**
 * Explains a model's answer for a picture file, and writes the map over the picture.
 * @throws InputError when picture, model or class are not there, or the file cannot be written
 */
export async function explainJob(options: ExplainOptions): Promise<Explained> {
  const { image, model, method = 'grad-cam', target, out, runtime } = options;
  const picture = await decodeImage(await readPicture(image), image);
  const explainer = await openExplainer(runtime, model, options);
  try {
    const explained = await explainer.explain(picture, method, target);
    writeFileAtomic(out, await explanationPng(picture, explained.map));
    return explained;
  } finally {
    await explainer.close();
  }
}

/** Shortest longer side of the picture that is written: small faces are enlarged. */
const SHORTEST = 384;

async function explanationPng(picture: Picture, map: HeatMap): Promise<Buffer> {
  const { pixels, ...raw } = picture;
  const factor = Math.max(1, Math.ceil(SHORTEST / Math.max(raw.width, raw.height)));
  const [width, height] = [raw.width * factor, raw.height * factor];
  const large = await sharp(pixels, { raw })
    .resize({ width, height })
    .toColourspace(raw.channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer();
  const { pixels: drawn, ...shape } = overlay({ width, height, channels: raw.channels, pixels: large }, map);
  return sharp(drawn, { raw: shape }).png().toBuffer();
}

async function readPicture(path: string): Promise<Buffer> {
  checkExists(path, 'a picture file');
  try {
    return await readFile(path);
  } catch (error) {
    const received = `"${messageOf(error)}"`;
    throw new InputError({ where: path, received, expected: 'a picture file' }, { cause: error });
  }
}
