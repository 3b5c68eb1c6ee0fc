import type { Preprocessing } from '../core/preprocessing.js';
import { toPlanes } from '../data/augment.js';
import { toColour } from '../data/to-colour.js';
import type { Picture } from '../data/images.js';
import { resizeImage } from '../data/resize.js';

/**
 * A face as a network's graph takes it: colour, then size, the same steps as for training pictures.
 * @returns `[C, h, w]`, pixels 0..255, at the source size of the preprocessing record
 */
export function facePlanes(
  face: Picture,
  { sourceSize: [height, width], colour }: Preprocessing,
): Float32Array {
  const picture = resizeImage(toColour(face, colour), height, width);
  const planes = new Float32Array(picture.pixels.length);
  toPlanes(picture.pixels, 0, picture, { data: planes, offset: 0 });
  return planes;
}
