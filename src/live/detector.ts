import { InputError } from '../core/errors.js';
import type { Picture } from '../data/images.js';
import type { Box, FaceDetector } from '../faces/face.js';
import { wholeFace } from '../faces/follow.js';

export type { Box, DetectedFace, FaceDetector, KeyPoint } from '../faces/face.js';

/** Takes every picture as one face: its largest square, in the middle. */
export function wholeFrame(): FaceDetector {
  return {
    name: 'whole',
    tight: false,
    detect: (picture) => Promise.resolve([wholeFace(picture)]),
  };
}

/**
 * Takes the same place of every picture as one face, for a camera that does not move.
 * @throws InputError when the box has no area; `detect` throws when it lies outside the picture
 */
export function fixedBox(box: Box): FaceDetector {
  if (!(box.width >= 1 && box.height >= 1)) {
    const received = `a box of ${box.width}×${box.height} pixels`;
    throw new InputError({ where: 'detector', received, expected: 'a width and a height of at least 1' });
  }
  return {
    name: 'box',
    tight: false,
    detect(picture) {
      if (!overlaps(box, picture)) return Promise.reject(outside(box, picture));
      return Promise.resolve([{ box, score: 1, keyPoints: [] }]);
    },
  };
}

function overlaps({ x, y, width, height }: Box, picture: Picture): boolean {
  return x < picture.width && y < picture.height && x + width > 0 && y + height > 0;
}

function outside({ x, y, width, height }: Box, picture: Picture): InputError {
  return new InputError({
    where: 'detector',
    received: `the box ${x},${y},${width},${height}`,
    expected: `one that lies in the frame of ${picture.width}×${picture.height} pixels`,
  });
}
