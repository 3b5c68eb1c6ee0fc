import { KEY_POINTS, type DetectedFace, type Window } from './face.js';

/** Turns a square input `[row, column, RGB]` into its mirror image, in place. */
export function mirrorInput(values: Float32Array, size: number): void {
  for (let start = 0; start < size * size * 3; start += size * 3) {
    for (let left = start, right = start + (size - 1) * 3; left < right; left += 3, right -= 3) {
      for (let channel = 0; channel < 3; channel++) {
        const value = values[left + channel] ?? 0;
        values[left + channel] = values[right + channel] ?? 0;
        values[right + channel] = value;
      }
    }
  }
}

/** A face that was found in the mirror image of a window, as it is in the picture. */
export function mirrorFace({ box, score, keyPoints }: DetectedFace, window: Window): DetectedFace {
  const across = 2 * window.x + window.side;
  const points = new Map(keyPoints.map(({ name, x, y }) => [otherSide(name), { x: across - x, y }]));
  return {
    score,
    box: { ...box, x: across - box.x - box.width },
    keyPoints: KEY_POINTS.map((name) => ({ name, x: 0, y: 0, ...points.get(name) })),
  };
}

/** What is a right eye in the mirror is a left one. */
function otherSide(name: string): string {
  if (name.startsWith('right ')) return name.replace('right', 'left');
  return name.replace('left', 'right');
}
