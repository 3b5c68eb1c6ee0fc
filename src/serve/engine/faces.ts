import type { Preprocessing } from '../../core/preprocessing.js';
import type { Picture } from '../../data/images.js';
import { cutFace } from '../../faces/crop-face.js';
import { faceFinder } from '../../jobs/find-faces.js';
import type { Runtime } from '../../runtime/session.js';
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
  /** @param preprocessing how the network wants faces framed */
  find(picture: Picture, preprocessing: Preprocessing): Promise<readonly FoundFace[]>;
  close?(): Promise<void>;
}

/** Takes the whole picture as one face: for pictures that are cropped already. */
export const wholePicture: FaceFinder = {
  find: (picture) => Promise.resolve([{ box: null, score: null, crop: picture }]),
};

/**
 * Mien's own detector, opened when the first picture comes. Pictures as small as cropped faces are taken as a whole, as
 * `mien predict` does.
 *
 * @param threads of each network
 */
export function facesOf(runtime: Runtime, threads: number): FaceFinder {
  const finder = faceFinder({
    name: runtime.name,
    createSession: (model, options) => runtime.createSession(model, { ...options, threads }),
  });
  return {
    async find(picture, preprocessing) {
      const faces = await finder.find(picture);
      if (faces === undefined) return wholePicture.find(picture, preprocessing);
      return faces.map((face) => {
        const { box, score } = face;
        return { box, score, crop: cutFace(picture, face, preprocessing) };
      });
    },
    close: () => finder.close(),
  };
}
