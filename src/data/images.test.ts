import { describe, expect, it } from 'vitest';

import { type ImageSet, countsPerClass, imageAt, imageCount, pixelsAt, subset } from './images.js';

const set: ImageSet = {
  classes: ['happy', 'angry', 'sad'],
  height: 1,
  width: 2,
  channels: 1,
  pixels: Uint8Array.of(1, 2, 3, 4, 5, 6),
  labels: Int32Array.of(1, 0, 1),
  names: ['a', 'b', 'c'],
};

describe('ImageSet', () => {
  it('gives views of single images', () => {
    expect(imageCount(set)).toBe(3);
    expect([...pixelsAt(set, 1)]).toEqual([3, 4]);
    expect(pixelsAt(set, 2).buffer).toBe(set.pixels.buffer);
    expect(imageAt(set, 2)).toMatchObject({ height: 1, width: 2, channels: 1 });
  });

  it.each([-1, 3, 0.5])('has no image %d', (index) => {
    expect(() => pixelsAt(set, index)).toThrow(`pixelsAt: ${index} is outside 0..2`);
  });

  it('copies a subset in the order asked for', () => {
    const part = subset(set, [2, 0, 2]);
    expect([...part.pixels]).toEqual([5, 6, 1, 2, 5, 6]);
    expect([...part.labels]).toEqual([1, 1, 1]);
    expect(part.names).toEqual(['c', 'a', 'c']);
    expect(part.classes).toBe(set.classes);
    expect(() => subset(set, [3])).toThrow('outside');
  });

  it('counts images per class, empty ones too', () => {
    expect(countsPerClass(set)).toEqual([1, 2, 0]);
  });
});
