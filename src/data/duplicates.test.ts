import { describe, expect, it } from 'vitest';

import { auditExact, formatExactAudit } from './audit.js';
import {
  conflictingGroups,
  constantImages,
  groupsOf,
  leakedIndices,
  membersOf,
  surplusCopies,
} from './duplicates.js';
import type { ImageSet } from './images.js';

/** A set of 1×2 pictures, each given as `label: two levels`. */
function setOf(images: [number, number, number][], prefix: string): ImageSet {
  return {
    classes: ['happy', 'angry'],
    height: 1,
    width: 2,
    channels: 1,
    pixels: Uint8Array.from(images.flatMap(([, a, b]) => [a, b])),
    labels: Int32Array.from(images, ([label]) => label),
    names: images.map((_, index) => `${prefix}/${index}`),
  };
}

/** Pictures 0, 2, 5 are equal; 1 and 3 are equal under different labels; 4 is constant. */
const train = setOf(
  [
    [0, 1, 2],
    [0, 3, 4],
    [0, 1, 2],
    [1, 3, 4],
    [1, 7, 7],
    [0, 1, 2],
  ],
  'train',
);
const test = setOf(
  [
    [0, 1, 2],
    [1, 1, 2],
    [0, 9, 1],
    [1, 3, 4],
  ],
  'test',
);

describe('duplicates', () => {
  const groups = groupsOf(train);

  it('numbers groups by their first image', () => {
    expect([...groups]).toEqual([0, 1, 0, 1, 2, 0]);
    expect(membersOf(groups)).toEqual([[0, 2, 5], [1, 3], [4]]);
  });

  it('counts surplus copies', () => {
    expect(surplusCopies(groups)).toBe(3);
  });

  it('finds contradicting labels', () => {
    expect(conflictingGroups(train, groups)).toEqual([[1, 3]]);
  });

  it('finds leaked test images', () => {
    expect(leakedIndices(test, train)).toEqual([0, 1, 3]);
    expect(leakedIndices(test, setOf([], 'none'))).toEqual([]);
  });

  it('finds constant images, by channel', () => {
    expect(constantImages(train)).toEqual([4]);
    const colour: ImageSet = {
      ...setOf(
        [
          [0, 0, 0],
          [0, 0, 0],
        ],
        'colour',
      ),
      channels: 3,
      pixels: Uint8Array.of(1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 4),
    };
    expect(constantImages(colour)).toEqual([0]);
  });

  it('refuses to compare sets of different form', () => {
    expect(() => leakedIndices({ ...test, width: 1, height: 2 }, train)).toThrow(
      'leaks: received test images of 2x1x1 and training images of 1x2x1, expected the same height, width and channels.',
    );
  });
});

describe('auditExact', () => {
  it('reports names and classes, ready for JSON', () => {
    const audit = auditExact({ train, test });
    expect(JSON.parse(JSON.stringify(audit))).toEqual(audit);
    expect(audit.train).toEqual({
      images: 6,
      perClass: { happy: 4, angry: 2 },
      surplusCopies: 3,
      copies: [
        ['train/0', 'train/2', 'train/5'].map((name) => ({ name, class: 'happy' })),
        [
          { name: 'train/1', class: 'happy' },
          { name: 'train/3', class: 'angry' },
        ],
      ],
      conflictingGroups: [
        [
          { name: 'train/1', class: 'happy' },
          { name: 'train/3', class: 'angry' },
        ],
      ],
      constantImages: [{ name: 'train/4', class: 'angry' }],
    });
    expect(audit.leaked).toMatchObject({ images: 3, perClass: { happy: 1, angry: 2 }, otherLabel: 1 });
    expect(audit.leaked?.list[1]).toEqual({
      name: 'test/1',
      class: 'angry',
      copies: ['train/0', 'train/2', 'train/5'].map((name) => ({ name, class: 'happy' })),
    });
  });

  it('compares labels by class name, not by number', () => {
    const swapped: ImageSet = {
      ...test,
      classes: ['angry', 'happy'],
      labels: test.labels.map((label) => 1 - label),
    };
    expect(auditExact({ train, test: swapped }).leaked?.otherLabel).toBe(1);
  });

  it('works on one split alone', () => {
    const audit = auditExact({ test });
    expect(Object.keys(audit)).toEqual(['version', 'test']);
    expect(audit.test?.surplusCopies).toBe(1);
  });

  it('prints a table and one line per finding', () => {
    expect(formatExactAudit(auditExact({ train, test }))).toBe(
      [
        'class  train  test  leaked',
        'happy      4     2       1',
        'angry      2     2       2',
        'all        6     4       3',
        'train: 3 surplus copies, 1 group of equal pictures with different labels, 1 constant picture',
        'test: 1 surplus copy, 1 group of equal pictures with different labels, 0 constant pictures',
        'leaked: 3 test pictures are exact copies of training pictures, 1 of them under another label',
      ].join('\n'),
    );
  });
});
