import { describe, expect, it } from 'vitest';

import { teacherRow } from './soft-labels.js';

describe('teacherRow', () => {
  it("divides anew what the row gives to the teacher's classes", () => {
    // The teacher knows the first and the third class, in the other order, and one more.
    const row = teacherRow([0.6, 0.2, 0.2], [0.1, 0.5, 0.3], [2, -1, 0]);
    expect(row[0]).toBeCloseTo((0.8 * 0.3) / 0.4, 6);
    expect(row[1]).toBe(0.2);
    expect(row[2]).toBeCloseTo((0.8 * 0.1) / 0.4, 6);
  });

  it('leaves a row alone about which the teacher knows nothing', () => {
    expect(teacherRow([0, 1], [1], [0, -1])).toEqual([0, 1]);
    expect(teacherRow([0.5, 0.5], [0, 0], [0, 1])).toEqual([0.5, 0.5]);
  });
});
