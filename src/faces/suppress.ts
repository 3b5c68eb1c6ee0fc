import { middleOf, overlapOf, type Box, type DetectedFace, type KeyPoint } from './face.js';

/** Overlap from which two boxes are taken for the same face; MediaPipe's figure. */
export const SAME_FACE = 0.3;

/**
 * Weighted non-maximum suppression: the best face and all that overlap it become one, whose box and key points are
 * the means weighted by the scores and whose score is the best one's; then the next best.
 *
 * BlazeFace's authors take it instead of plain suppression because boxes tremble less from frame to frame.
 *
 * @param overlap boxes that overlap by more are the same face, in 0..1
 * @returns best first
 */
export function mergeFaces(faces: readonly DetectedFace[], overlap = SAME_FACE): DetectedFace[] {
  let rest = [...faces].sort((a, b) => b.score - a.score);
  const merged: DetectedFace[] = [];
  for (let best = rest[0]; best !== undefined; best = rest[0]) {
    const { box } = best;
    const same = rest.filter((face) => overlapOf(face.box, box) > overlap);
    // A box without area overlaps nothing, itself included.
    if (same.length > 0) merged.push(meanOf(same));
    rest = rest.slice(1).filter((face) => !same.includes(face));
  }
  return merged;
}

/** The weighted mean of faces, best first. */
function meanOf(faces: readonly DetectedFace[]): DetectedFace {
  const [best] = faces;
  const total = faces.reduce((sum, { score }) => sum + score, 0);
  const mean = (read: (face: DetectedFace) => number) =>
    faces.reduce((sum, face) => sum + face.score * read(face), 0) / total;
  const box: Box = {
    x: mean((face) => face.box.x),
    y: mean((face) => face.box.y),
    width: mean((face) => face.box.width),
    height: mean((face) => face.box.height),
  };
  const keyPoints = (best?.keyPoints ?? []).map(({ name }, i): KeyPoint => {
    const coordinate = (axis: 'x' | 'y') => mean((face) => face.keyPoints[i]?.[axis] ?? 0);
    return { name, x: coordinate('x'), y: coordinate('y') };
  });
  return { box, score: best?.score ?? 0, keyPoints };
}

/** Two boxes of one face, also when one look draws it larger than the other. */
export function isSamePlace(a: Box, b: Box): boolean {
  if (overlapOf(a, b) > SAME_FACE) return true;
  const [[ax, ay], [bx, by]] = [middleOf(a), middleOf(b)];
  const reach = Math.min(a.width, b.width) / 3;
  return Math.abs(ax - bx) < reach && Math.abs(ay - by) < reach;
}
