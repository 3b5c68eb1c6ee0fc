import { describe, expect, it } from 'vitest';

import type { ImageSet } from './images.js';
import { groupsOf } from './duplicates.js';
import { splitFold, splitTrainValidation } from './split.js';

/** Images of one pixel pair; equal `content` makes copies. */
function setOf(images: { label: number; content: number }[]): ImageSet {
  return {
    classes: ['a', 'b', 'c'],
    height: 1,
    width: 2,
    channels: 1,
    pixels: Uint8Array.from(images.flatMap(({ content }) => [content % 256, Math.floor(content / 256)])),
    labels: Int32Array.from(images, ({ label }) => label),
    names: images.map((_, index) => String(index)),
  };
}

/** 600 images: classes of 400, 150 and 50; each content from 0 to 99 comes twice, once under another label. */
const images = Array.from({ length: 600 }, (_, index) => ({
  label: index < 400 ? 0 : index < 550 ? 1 : 2,
  content: index >= 500 ? index - 500 : index,
}));
const set = setOf(images);

function perClass(indices: readonly number[]): number[] {
  return [0, 1, 2].map((label) => indices.filter((index) => set.labels[index] === label).length);
}

describe('splitTrainValidation', () => {
  const { train, validation } = splitTrainValidation(set, { fraction: 0.2, seed: 1 });

  it('gives every image to exactly one side, in ascending order', () => {
    const all = [...train, ...validation].sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 600 }, (_, index) => index));
    expect(validation).toEqual([...validation].sort((a, b) => a - b));
  });

  it('takes the fraction of each class', () => {
    expect(perClass(validation)).toEqual([80, 30, 10]);
    const tenth = splitTrainValidation(set, { fraction: 0.1, seed: 1 });
    expect(perClass(tenth.validation)).toEqual([40, 15, 5]);
  });

  it('keeps copies on one side', () => {
    const contents = new Set(validation.map((index) => images[index]!.content));
    expect(train.filter((index) => contents.has(images[index]!.content))).toEqual([]);
    // Not trivially: some copies did go to validation.
    expect(validation.length).toBeGreaterThan(contents.size);
  });

  it('follows the seed', () => {
    expect(splitTrainValidation(set, { seed: 1 }).validation).toEqual(validation);
    expect(splitTrainValidation(set, { seed: 2 }).validation).not.toEqual(validation);
  });

  it('leaves something of each class on either side', () => {
    const tiny = setOf([0, 1, 1, 2, 2, 2].map((label, content) => ({ label, content })));
    const side = splitTrainValidation(tiny, { fraction: 0.01, seed: 1 });
    const labels = side.validation.map((index) => tiny.labels[index]);
    expect(labels).toEqual([1, 2]);
  });

  it.each([0, 1, -0.1, Number.NaN])('refuses the fraction %d', (fraction) => {
    expect(() => splitTrainValidation(set, { fraction, seed: 1 })).toThrow(
      `fraction: received ${fraction}, expected a number between 0 and 1, e.g. 0.2.`,
    );
  });
});

describe('splitTrainValidation with groups', () => {
  it('keeps groups of any kind together', () => {
    // Contents 0 to 9 belong together, 10 to 19, and so on.
    const groups = Int32Array.from(images, ({ content }) => Math.floor(content / 10));
    const { validation } = splitTrainValidation(set, { fraction: 0.2, seed: 1, groups });
    const inside = new Set(validation.map((index) => groups[index]));
    const outside = new Set([...groups.keys()].filter((i) => !validation.includes(i)).map((i) => groups[i]));
    expect([...inside].filter((group) => outside.has(group))).toEqual([]);
    expect(inside.size).toBeGreaterThan(3);
  });
});

describe('splitFold', () => {
  const folds = [1, 2, 3, 4, 5].map((part) => splitFold(set, { part, of: 5, seed: 3 }));

  it('gives disjoint parts that are everything together', () => {
    const all = folds.flatMap(({ validation }) => validation).sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 600 }, (_, index) => index));
    for (const { train, validation } of folds) {
      expect([...train, ...validation].sort((a, b) => a - b)).toEqual(all);
    }
  });

  it('gives every part a fifth of each class, copies on one side', () => {
    for (const { train, validation } of folds) {
      const counts = perClass(validation);
      [80, 30, 10].forEach((fifth, label) => expect(Math.abs(counts[label]! - fifth)).toBeLessThanOrEqual(1));
      const groups = groupsOf(set);
      const held = new Set(validation.map((index) => groups[index]));
      expect(train.filter((index) => held.has(groups[index]))).toEqual([]);
    }
  });

  it('follows the seed, and only that', () => {
    expect(splitFold(set, { part: 2, of: 5, seed: 3 })).toEqual(folds[1]);
    expect(splitFold(set, { part: 2, of: 5, seed: 4 })).not.toEqual(folds[1]);
  });

  it('refuses parts that are not there', () => {
    expect(() => splitFold(set, { part: 6, of: 5, seed: 1 })).toThrow(
      'fold: part: received 6, expected an integer between 1 and 5.',
    );
    expect(() => splitFold(set, { part: 1, of: 1, seed: 1 })).toThrow(
      'fold: number of parts: received 1, expected an integer of at least 2.',
    );
  });
});
