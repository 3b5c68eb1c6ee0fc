import type { Random } from '../../core/random.js';
import type { Picture } from '../../data/images.js';
import { resizeImage } from '../../data/resize.js';
import { overlapOf, type Box } from '../face.js';

/** A picture with faces pasted into it. */
export interface Composite {
  readonly picture: Picture;
  /** Where each face was pasted, in the order given. */
  readonly places: readonly Box[];
}

/** Sides of the faces, pixels. */
export interface FaceSizes {
  readonly least: number;
  readonly most: number;
}

/** Times that a free place is looked for before the face is made smaller. */
const TRIES = 40;

/**
 * Pastes square grey faces onto a background at random places and sizes, without overlap. A face for which there is no
 * room becomes smaller.
 *
 * @param background RGB; a copy is drawn on
 */
export function composeFaces(
  background: Picture,
  faces: readonly Picture[],
  sizes: FaceSizes,
  random: Random,
): Composite {
  const picture = { ...background, pixels: background.pixels.slice() };
  const places: Box[] = [];
  for (const face of faces) {
    const place = freePlace(picture, places, sizes, random);
    paste(picture, resizeImage(face, place.height, place.width), place);
    places.push(place);
  }
  return { picture, places };
}

function freePlace(picture: Picture, taken: readonly Box[], { least, most }: FaceSizes, random: Random): Box {
  const largest = Math.min(most, picture.width, picture.height);
  let side = Math.round(least * (Math.max(largest, least) / least) ** random.uniform());
  for (;;) {
    for (let i = 0; i < TRIES; i++) {
      const [x, y] = [random.integer(picture.width - side + 1), random.integer(picture.height - side + 1)];
      const place = { x, y, width: side, height: side };
      if (taken.every((other) => overlapOf(place, other) === 0)) return place;
    }
    side = Math.max(8, Math.round(side * 0.9));
  }
}

function paste(picture: Picture, face: Picture, { x, y }: Box): void {
  for (let row = 0; row < face.height; row++) {
    for (let column = 0; column < face.width; column++) {
      const value = face.pixels[row * face.width + column] ?? 0;
      const to = ((y + row) * picture.width + x + column) * 3;
      picture.pixels.fill(value, to, to + 3);
    }
  }
}
