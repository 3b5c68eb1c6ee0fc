import { expect, it } from 'vitest';

import { bestOf } from './rows.js';

it('finds the first largest number of a row', () => {
  const rows = Float32Array.from([1, 3, 3, -5, -2, -9]);
  expect([0, 1].map((row) => bestOf(rows, row, 3))).toEqual([1, 1]);
  expect(bestOf([4], 0, 1)).toBe(0);
});
