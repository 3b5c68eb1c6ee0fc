import { describe, expect, it } from 'vitest';

import { occlusionMap } from './occlusion.js';

/** Answers by the mean brightness of a patch at row 4..7, column 8..11 of a picture of 16×16. */
const classifier = {
  batchSize: 4,
  probabilities: (pictures: Float32Array) => {
    const rows = new Float32Array(8);
    for (let n = 0; n < 4; n++) {
      let sum = 0;
      for (let row = 4; row < 8; row++)
        for (let column = 8; column < 12; column++) sum += pictures[n * 256 + row * 16 + column] ?? 0;
      rows.set([sum / 16 / 255, 1 - sum / 16 / 255], 2 * n);
    }
    return Promise.resolve(rows);
  },
  logits: () => Promise.resolve(new Float32Array(8)),
  close: () => Promise.resolve(),
};

/** Black with a white patch where the classifier looks. */
function planted(): Float32Array {
  const picture = new Float32Array(256);
  for (let row = 4; row < 8; row++) picture.fill(255, row * 16 + 8, row * 16 + 12);
  return picture;
}

describe('occlusionMap', () => {
  it('finds a planted patch', async () => {
    const options = { pictureShape: [1, 16, 16], target: 0, classes: 2, patch: 4, stride: 2 } as const;
    const { width, height, values } = await occlusionMap(classifier, planted(), options);
    expect([width, height]).toEqual([16, 16]);
    const at = (row: number, column: number) => values[row * 16 + column] ?? NaN;
    expect(Math.max(...values)).toBe(1);
    // The four middle pixels are covered by the patches that hide most of it.
    expect(at(5, 9)).toBeGreaterThan(0.8);
    expect(at(6, 10)).toBe(1);
    expect(at(0, 0)).toBe(0);
    expect(at(15, 15)).toBe(0);
    expect(at(12, 3)).toBe(0);
  });

  it('is empty where hiding lowers nothing', async () => {
    const options = { pictureShape: [1, 16, 16], target: 1, classes: 2, patch: 4, stride: 4 } as const;
    const { values } = await occlusionMap(classifier, planted(), options);
    expect(Math.max(...values)).toBe(0);
  });

  it('refuses a patch larger than the picture', async () => {
    const options = { pictureShape: [1, 16, 16], target: 0, classes: 2, patch: 17 } as const;
    await expect(occlusionMap(classifier, planted(), options)).rejects.toThrow(
      'occlusion: received a patch of 17 and a stride of 6 pixels, expected a patch within the picture and a stride of at least 1.',
    );
  });
});
