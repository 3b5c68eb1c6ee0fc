import type { Picture } from '../data/images.js';
import { isSmallFace } from '../faces/crop-face.js';
import type { DetectedFace, FaceDetector } from '../faces/face.js';
import type { Runtime } from '../runtime/session.js';
import { openFaceDetector } from './face-detector.js';

/** The faces of a picture, the surest first; undefined when the picture itself is a face. */
export type FaceFinder = (picture: Picture) => Promise<readonly DetectedFace[] | undefined>;

/** A {@link FaceFinder} with what it holds. */
export interface OpenFinder {
  readonly find: FaceFinder;
  close(): Promise<void>;
}

/**
 * Finds faces in pictures larger than a cropped face. Mien's own detector is opened when the first one comes, so
 * that folders of cropped faces do not wait for it.
 *
 * @param detector used instead; closing it remains the caller's business
 */
export function faceFinder(runtime: Runtime, detector?: FaceDetector): OpenFinder {
  let own: Promise<FaceDetector> | undefined;
  return {
    async find(picture) {
      if (isSmallFace(picture)) return undefined;
      return (detector ?? (await (own ??= openFaceDetector(runtime)))).detect(picture);
    },
    close: async () => (await own)?.close?.(),
  };
}
