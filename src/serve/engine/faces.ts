import type { Picture } from '../../data/images.js';
import type { Box } from './job.js';

/** A face within a picture. */
export interface FoundFace {
  readonly box: Box | null;
  readonly score: number | null;
  /** The face as the network's training pictures are framed, of any size. */
  readonly crop: Picture;
}

/** Finds the faces that are to be classified; a detector is one of these. */
export interface FaceFinder {
  find(picture: Picture): Promise<readonly FoundFace[]>;
}

/** Takes the whole picture as one face: for pictures that are cropped already. */
export const wholePicture: FaceFinder = {
  find: (picture) => Promise.resolve([{ box: null, score: null, crop: picture }]),
};
