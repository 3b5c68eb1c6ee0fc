import { describe, expect, it } from 'vitest';

import { countLabels } from './images.js';
import { effectiveNumberWeights, oversample, samplingTable } from './sampling.js';

/** Classes of 100, 7, 60, 0 and 59 images, mixed. */
const sizes = [100, 7, 60, 0, 59];
const labels = sizes.flatMap((size, label) => Array.from({ length: size }, () => label)).reverse();

function usesOf(positions: readonly number[], label: number): number[] {
  const uses = countLabels(positions, labels.length);
  return uses.filter((_, position) => labels[position] === label);
}

describe('oversample', () => {
  const positions = oversample(labels, 5, { ratio: 0.6, seed: 1 });

  it('brings smaller classes to the ratio and leaves the others', () => {
    const counts = countLabels(
      positions.map((position) => labels[position]!),
      5,
    );
    expect(counts).toEqual([100, 60, 60, 0, 60]);
  });

  it('begins with every image once', () => {
    expect(positions.slice(0, labels.length)).toEqual(labels.map((_, position) => position));
  });

  it('uses the images of a class equally often, give or take one', () => {
    // 60 uses of 7 images: 8 each, four of them 9 times.
    expect(usesOf(positions, 1).sort()).toEqual([8, 8, 8, 9, 9, 9, 9]);
    expect(usesOf(positions, 4).filter((uses) => uses === 2)).toHaveLength(1);
  });

  it('follows the seed', () => {
    expect(oversample(labels, 5, { ratio: 0.6, seed: 1 })).toEqual(positions);
    expect(oversample(labels, 5, { ratio: 0.6, seed: 2 })).not.toEqual(positions);
  });

  it('changes nothing at ratio 0', () => {
    expect(oversample(labels, 5, { ratio: 0, seed: 1 })).toHaveLength(labels.length);
  });

  it('refuses a ratio above 1', () => {
    expect(() => oversample(labels, 5, { ratio: 60, seed: 1 })).toThrow(
      'oversample: ratio: received 60, expected a number between 0 and 1.',
    );
  });
});

describe('effectiveNumberWeights', () => {
  it('follows the formula, with mean 1', () => {
    // (1 − 0.9)/(1 − 0.9) = 1 and (1 − 0.9)/(1 − 0.81) = 0.526316, times 2/1.526316.
    const [one, two] = effectiveNumberWeights([1, 2], 0.9);
    expect(one).toBeCloseTo(1.310345, 6);
    expect(two).toBeCloseTo(0.689655, 6);
  });

  it('hardly weighs FER2013 at 0.99 and really weighs at 0.9999', () => {
    const counts = [3995, 436, 7215, 4965, 3171];
    const mild = effectiveNumberWeights(counts, 0.99);
    const strong = effectiveNumberWeights(counts, 0.9999);
    expect(Math.max(...mild) / Math.min(...mild)).toBeLessThan(1.02);
    expect(strong[1]! / strong[2]!).toBeGreaterThan(10);
    expect(strong.reduce((a, b) => a + b)).toBeCloseTo(5, 12);
  });

  it('is equal for all at 0', () => {
    expect(effectiveNumberWeights([3, 900], 0)).toEqual([1, 1]);
  });

  it.each([1, -0.1, Number.NaN])('refuses beta %d', (beta) => {
    expect(() => effectiveNumberWeights([1], beta)).toThrow(
      `class weights: beta: received ${beta}, expected a number of at least 0 and below 1.`,
    );
  });

  it('refuses an empty class', () => {
    expect(() => effectiveNumberWeights([3, 0], 0.9)).toThrow(
      'class weights: images of a class: received 0, expected an integer of at least 1.',
    );
  });
});

describe('samplingTable', () => {
  it('prints one line per class', () => {
    const table = samplingTable({
      classes: ['happy', 'disgust'],
      counts: [7215, 436],
      sampled: [7215, 4329],
      weights: [0.5, 1.5],
    });
    expect(table).toBe(
      [
        'class    images  per epoch  weight',
        'happy      7215       7215   0.500',
        'disgust     436       4329   1.500',
      ].join('\n'),
    );
  });

  it('leaves out what is not given', () => {
    expect(samplingTable({ classes: ['a'], counts: [1] })).toBe('class  images\na           1');
  });
});
