import { middleOf, type Box, type DetectedFace } from '../face.js';

/** How many places hold a face: one whose middle lies in the place and whose size is about the place's; each counts once. */
export function matchedFaces(faces: readonly DetectedFace[], places: readonly Box[]): number {
  const free = new Set(faces);
  return places.filter((place) => {
    const face = [...free].find(({ box }) => fits(box, place));
    if (face !== undefined) free.delete(face);
    return face !== undefined;
  }).length;
}

function fits(box: Box, place: Box): boolean {
  const [x, y] = middleOf(box);
  const inside = x > place.x && x < place.x + place.width && y > place.y && y < place.y + place.height;
  return inside && box.width > 0.4 * place.width && box.width < 1.6 * place.width;
}
