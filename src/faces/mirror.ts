import { KEY_POINTS, type DetectedFace, type Window } from './face.js';

/** Turns a square input `[row, column, RGB]` into its mirror image, in place. */
export function mirrorInput(values: Float32Array, size: number): void {
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size >> 1; column++) {
      const [left, right] = [(row * size + column) * 3, (row * size + size - 1 - column) * 3];
      const pixel = values.slice(left, left + 3);
      values.copyWithin(left, right, right + 3);
      values.set(pixel, right);
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
