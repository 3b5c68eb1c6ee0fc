import { middleOf, type DetectedFace } from './face.js';

/** A square about a face, upright for the face, in pixels of the picture; it may reach beyond the picture. */
export interface Framing {
  /** The square's middle. */
  readonly x: number;
  readonly y: number;
  readonly side: number;
  /** Turn of the face in radians, clockwise as one sees the picture; the square is turned with it. */
  readonly angle: number;
}

/** How a square is laid about a detected face. */
export interface FramingRule {
  /** Added to the box on either side, as a share of its longer side. */
  readonly margin: number;
  /** How far the square's middle lies below the box's, along the face, as a share of the box's longer side. */
  readonly lower: number;
}

/** FER2013's framing, measured against boxes of the search: `npm run bench:framing`, docs/faces.md. */
export const FER2013_FRAMING: FramingRule = { margin: 0.08, lower: -0.1 };

/**
 * The square about a face as pictures of FER2013 are cut, with the eyes level.
 *
 * @example
 * const crop = cutFrame(picture, frameFace(face, FER2013_FRAMING), [48, 48]);
 */
export function frameFace(face: DetectedFace, { margin, lower }: FramingRule): Framing {
  const { box, keyPoints } = face.close ?? face;
  const [x, y] = middleOf(box);
  const size = Math.max(box.width, box.height);
  const angle = turnOf({ keyPoints });
  const shift = lower * size;
  return {
    x: x - Math.sin(angle) * shift,
    y: y + Math.cos(angle) * shift,
    side: size * (1 + 2 * margin),
    angle,
  };
}

/** Turn of the line through the eyes against the horizontal, radians; 0 for a face without eyes. */
export function turnOf({ keyPoints }: Pick<DetectedFace, 'keyPoints'>): number {
  const right = keyPoints.find(({ name }) => name === 'right eye');
  const left = keyPoints.find(({ name }) => name === 'left eye');
  if (right === undefined || left === undefined) return 0;
  return Math.atan2(left.y - right.y, left.x - right.x);
}

/** Corners of a frame: upper left, upper right, lower right, lower left, as the face sees them. */
export function cornersOf({ x, y, side, angle }: Framing): (readonly [number, number])[] {
  const [cos, sin] = [(Math.cos(angle) * side) / 2, (Math.sin(angle) * side) / 2];
  const corner = (u: number, v: number) => [x + u * cos - v * sin, y + u * sin + v * cos] as const;
  return [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
}
