import type { Preprocessing } from '../core/preprocessing.js';
import { toColour } from '../data/decode.js';
import type { Picture } from '../data/images.js';
import { cutFrame } from './cut.js';
import type { DetectedFace } from './face.js';
import { FER2013_FRAMING, frameFace, type FramingRule } from './framing.js';

/**
 * Longer side, in pixels, up to which a picture is taken as a face that has been cropped already: FER2013 has 48, other
 * sets of cropped faces up to 100, and a picture so small holds no second face worth reading.
 */
export const SMALL_FACE = 100;

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
 *
 * @param rule how the square is laid; default {@link framingOf}
 */
export function cutFace(
  picture: Picture,
  face: DetectedFace,
  preprocessing: Preprocessing,
  rule: FramingRule = framingOf(preprocessing),
): Picture {
  const cut = cutFrame(picture, frameFace(face, rule), preprocessing.sourceSize);
  return toColour(cut, preprocessing.colour);
}
