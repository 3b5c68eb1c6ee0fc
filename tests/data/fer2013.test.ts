/**
 * Checks on the real FER2013, as class folders: MIEN_FER2013 names the folder that holds train/ and test/.
 * The test folder may hold both halves (7,178 pictures) or PublicTest alone (3,589).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ExactAudit, auditExact } from '../../src/data/audit.js';
import { fer2013Classes } from '../../src/data/csv.js';
import { groupsOf } from '../../src/data/duplicates.js';
import { type ImageSet, type Split, countsPerClass, defaultClasses, subset } from '../../src/data/images.js';
import { loadImages } from '../../src/data/load.js';
import { oversample } from '../../src/data/sampling.js';
import { splitTrainValidation } from '../../src/data/split.js';

const cacheDir = mkdtempSync(join(tmpdir(), 'mien-fer2013-'));
afterAll(() => rmSync(cacheDir, { recursive: true }));

function load(split: Split, classes = fer2013Classes) {
  const data = process.env['MIEN_FER2013'];
  if (data === undefined) {
    throw new Error(
      'Set MIEN_FER2013 to the folder that holds train/ and test/ of FER2013 to run this suite.',
    );
  }
  return loadImages({ data, split, classes, sourceSize: [48, 48], colour: 'grey', cacheDir });
}

function publicTest(set: ImageSet): ImageSet {
  return subset(
    set,
    [...set.names.keys()].filter((index) => set.names[index]!.includes('/PublicTest_')),
  );
}

describe('FER2013, seven classes', () => {
  let audit: ExactAudit;

  beforeAll(async () => {
    const train = (await load('train')).images;
    audit = auditExact({ train, test: publicTest((await load('test')).images) });
  }, 600_000);

  it('has the published counts', () => {
    expect(audit.train?.images).toBe(28709);
    expect(audit.test?.images).toBe(3589);
    const perClass = {
      angry: 3995,
      disgust: 436,
      fear: 4097,
      happy: 7215,
      sad: 4830,
      surprise: 3171,
      neutral: 4965,
    };
    expect(audit.train?.perClass).toEqual(perClass);
  });

  it('has the known copies, contradictions and constant pictures', () => {
    expect(audit.train?.surplusCopies).toBe(1236);
    expect(audit.train?.conflictingGroups).toHaveLength(39);
    expect([audit.train, audit.test].map((split) => split?.constantImages.length)).toEqual([11, 1]);
  });

  it('has 280 PublicTest pictures in train, 206 of the five default classes', () => {
    expect(audit.leaked?.images).toBe(280);
    const five = audit.leaked?.list.filter((image) => defaultClasses.includes(image.class));
    expect(five).toHaveLength(206);
  });
});

describe('FER2013, five classes', () => {
  let train: ImageSet;

  beforeAll(async () => {
    train = (await load('train', defaultClasses)).images;
  }, 600_000);

  it('has the published counts', () => {
    expect(countsPerClass(train)).toEqual([3995, 436, 7215, 4965, 3171]);
  });

  it('comes from the cache in under a second', async () => {
    const start = performance.now();
    const again = await load('train', defaultClasses);
    const milliseconds = performance.now() - start;
    expect(again.cache.state).toBe('read');
    expect(Buffer.compare(again.images.pixels, train.pixels)).toBe(0);
    expect(milliseconds).toBeLessThan(1000);
  });

  it('splits 80/20 in every class with copies on one side', () => {
    const sides = splitTrainValidation(train, { fraction: 0.2, seed: 42 });
    expect(countsPerClass(subset(train, sides.validation))).toEqual([799, 87, 1443, 993, 634]);
    const groups = groupsOf(train);
    const validationGroups = new Set(sides.validation.map((index) => groups[index]));
    expect(sides.train.filter((index) => validationGroups.has(groups[index]))).toEqual([]);
  });

  it('is oversampled to 60 % of the largest class', () => {
    const { train: part } = splitTrainValidation(train, { fraction: 0.2, seed: 42 });
    const labels = part.map((index) => train.labels[index]!);
    const positions = oversample(labels, 5, { ratio: 0.6, seed: 42 });
    const counts = [0, 1, 2, 3, 4].map((c) => positions.filter((position) => labels[position] === c).length);
    expect(counts).toEqual([3464, 3464, 5772, 3972, 3464]);
  });
});
