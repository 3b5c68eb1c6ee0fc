/**
 * Where the largest number of a row of [n, K] stands; the first of several, as NumPy's `argmax`.
 *
 * @param rows [n, K], K = `classes`
 */
export function bestOf(rows: ArrayLike<number>, row: number, classes: number): number {
  const start = row * classes;
  let best = 0;
  for (let i = 1; i < classes; i++) if ((rows[start + i] ?? NaN) > (rows[start + best] ?? NaN)) best = i;
  return best;
}
