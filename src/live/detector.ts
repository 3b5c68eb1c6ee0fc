import { InputError } from '../core/errors.js';
import type { Picture } from '../data/images.js';

/** A rectangle in pixels of the frame, from its upper left corner; it may reach beyond the frame. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A place in a face, in pixels of the frame. */
export interface KeyPoint {
  /** What it marks, e.g. `right eye` (the person's right). */
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

/** A face that was found. */
export interface DetectedFace {
  readonly box: Box;
  /** How sure the detector is, in 0..1. */
  readonly score: number;
  readonly keyPoints: readonly KeyPoint[];
}

/** Finds faces in pictures. */
export interface FaceDetector {
  readonly name: string;
  /** Whether the box is to be widened by the model's crop margin: not where a person has chosen it. */
  readonly tight: boolean;
  /** Faces in a picture, uint8 `[row, column, RGB]`, in any order; none is no error. */
  detect(picture: Picture): Promise<readonly DetectedFace[]>;
  close?(): Promise<void>;
}

/** Takes every picture as one face: its largest square, in the middle. */
export function wholeFrame(): FaceDetector {
  return {
    name: 'whole',
    tight: false,
    detect({ width, height }) {
      const side = Math.min(width, height);
      const box = { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side };
      return Promise.resolve([{ box, score: 1, keyPoints: [] }]);
    },
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
