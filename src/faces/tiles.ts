import type { Picture } from '../data/images.js';
import type { Window } from './face.js';

/**
 * Square windows that cover a picture, row after row, neighbours overlapping by at least a share of their side.
 *
 * @param side of a window, pixels
 * @example tileWindows({ width: 640, height: 480 }, 320, 0.3).length; // 3 · 2
 */
export function tileWindows(
  { width, height }: Pick<Picture, 'width' | 'height'>,
  side: number,
  overlap: number,
): Window[] {
  const columns = starts(width, side, overlap);
  return starts(height, side, overlap).flatMap((y) => columns.map((x) => ({ x, y, side })));
}

/** Where windows begin along an axis: at even distances from end to end, or one in the middle. */
function starts(length: number, side: number, overlap: number): number[] {
  if (length <= side) return [(length - side) / 2];
  const steps = Math.ceil((length - side) / (side * (1 - overlap)));
  return Array.from({ length: steps + 1 }, (_, i) => (i * (length - side)) / steps);
}
