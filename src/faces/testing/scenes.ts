import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { createRandom, type Random } from '../../core/random.js';
import { decodeImage, toColour } from '../../data/decode.js';
import type { Picture } from '../../data/images.js';
import { drawBackground } from './backgrounds.js';
import { composeFaces, type Composite } from './composite.js';

/** Sizes of the pictures, pixels. */
const FORMATS = [
  [640, 480],
  [800, 600],
  [1280, 960],
  [960, 1280],
  [1920, 1080],
] as const;

/** Real faces for composites: as many pictures of FER2013's training part, drawn at random from all classes. */
export async function realFaces(fer2013: string, count: number, seed: number): Promise<Picture[]> {
  const train = join(fer2013, 'train');
  if (!existsSync(train)) throw new Error(`no folder ${train}`);
  const files = readdirSync(train)
    .sort()
    .flatMap((name) =>
      readdirSync(join(train, name))
        .sort()
        .map((file) => join(train, name, file)),
    );
  const chosen = createRandom(seed).fork('faces').shuffle(files).slice(0, count);
  return Promise.all(
    chosen.map(async (file) => toColour(await decodeImage(readFileSync(file), file), 'grey')),
  );
}

/**
 * A picture with so many of some faces on a drawn background. Up to five have a side of a tenth to a half of the
 * picture's shorter side, more have up to a sixth of it; none has fewer than 48 pixels.
 */
export function drawScene(faces: readonly Picture[], count: number, random: Random): Composite {
  const [width, height] = FORMATS[random.integer(FORMATS.length)] ?? FORMATS[0];
  const background = drawBackground(width, height, random);
  const chosen = Array.from({ length: count }, () => faces[random.integer(faces.length)]).filter(
    (face) => face !== undefined,
  );
  const shorter = Math.min(width, height);
  const [least, most] = count <= 5 ? [0.1 * shorter, 0.5 * shorter] : [48, 0.17 * shorter];
  return composeFaces(background, chosen, { least: Math.max(48, least), most: Math.max(60, most) }, random);
}
