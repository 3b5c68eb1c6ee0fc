import type { Preprocessing } from '../core/preprocessing.js';
import { toColour } from '../data/decode.js';
import type { Picture } from '../data/images.js';
import { cutFrame } from '../faces/cut.js';
import type { DetectedFace, FaceDetector } from '../faces/face.js';
import { FER2013_FRAMING, frameFace, type FramingRule } from '../faces/framing.js';
import type { Runtime } from '../runtime/session.js';
import { openFaceDetector } from './face-detector.js';

/**
 * Longer side, in pixels, up to which a picture is taken as a face that has been cropped already: FER2013 has 48, other
 * sets of cropped faces up to 100, and a picture so small holds no second face worth reading.
 */
export const SMALL_FACE = 100;

/** The faces of a picture, the surest first; undefined when the picture itself is a face. */
export type FaceFinder = (picture: Picture) => Promise<readonly DetectedFace[] | undefined>;

/** A {@link FaceFinder} with what it holds. */
export interface OpenFinder {
  readonly find: FaceFinder;
  close(): Promise<void>;
}

/**
 * Finds faces in pictures larger than {@link SMALL_FACE}. Mien's own detector is opened when the first one comes, so
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

/** Whether a picture is taken as a cropped face without looking for one. */
export function isSmallFace({ width, height }: Pick<Picture, 'width' | 'height'>): boolean {
  return Math.max(width, height) <= SMALL_FACE;
}

/** How a model wants faces framed: its record's margin, or FER2013's where the record has none. */
export function framingOf({ cropMargin }: Pick<Preprocessing, 'cropMargin'>): FramingRule {
  return cropMargin === 0 ? FER2013_FRAMING : { ...FER2013_FRAMING, margin: cropMargin };
}

/**
 * A face as a model wants it: framed as its training pictures are, upright, at its source size, grey or RGB.
 *
 * @example
 * const [face] = await detector.detect(picture);
 * const crop = cutFace(picture, face, preprocessing);
 */
export function cutFace(picture: Picture, face: DetectedFace, preprocessing: Preprocessing): Picture {
  const cut = cutFrame(picture, frameFace(face, framingOf(preprocessing)), preprocessing.sourceSize);
  return toColour(cut, preprocessing.colour);
}
