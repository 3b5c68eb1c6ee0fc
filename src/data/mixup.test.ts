import { describe, expect, it } from 'vitest';
import { createRandom } from '../core/random.js';
import { type CutMix, type MixUp, createMixer, drawLambda } from './mixup.js';

const format = { batchSize: 8, channels: 1, height: 12, width: 10, classes: 8 };
const size = format.height * format.width;
const root = createRandom(5);

/** Picture `row` is flat with value `row`, its class is `row` and its weight `row + 1`. */
function numbered() {
  const rows = Array.from({ length: format.batchSize }, (_, row) => row);
  return {
    x: Float32Array.from(rows.flatMap((row) => new Array<number>(size).fill(row))),
    y: Float32Array.from(rows.flatMap((row) => rows.map((label) => (label === row ? 1 : 0)))),
    weight: Float32Array.from(rows, (row) => row + 1),
  };
}

function mixed(mixup: MixUp | undefined, cutmix: CutMix | undefined, draw = 0) {
  const batch = numbered();
  createMixer(format, mixup, cutmix)(batch, root.fork('mix', draw));
  const label = (row: number) => batch.y.subarray(row * format.classes, (row + 1) * format.classes);
  const expectedValue = (row: number) => label(row).reduce((sum, share, value) => sum + share * value, 0);
  return { ...batch, label, expectedValue };
}

describe('createMixer', () => {
  it.each([
    ['MixUp', { alpha: 1 }, undefined],
    ['MixUp per sample', { alpha: 1, perSample: true }, undefined],
    ['CutMix', undefined, {}],
    ['CutMix per sample', undefined, { perSample: true }],
  ])('%s mixes pictures, labels and weights by the same shares', (_, mixup, cutmix) => {
    for (let draw = 0; draw < 20; draw++) {
      const { x, weight, label, expectedValue } = mixed(mixup, cutmix, draw);
      for (let row = 0; row < format.batchSize; row++) {
        const pixels = x.subarray(row * size, (row + 1) * size);
        const mean = pixels.reduce((sum, value) => sum + value, 0) / size;
        expect(label(row).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
        expect(mean).toBeCloseTo(expectedValue(row), 4);
        expect(weight[row]).toBeCloseTo(expectedValue(row) + 1, 4);
      }
    }
  });

  it('shares one λ in a batch unless each sample has its own', () => {
    const lambdas = (perSample: boolean) => {
      const { label } = mixed({ law: 'reference', perSample }, undefined, 1);
      return new Set(Array.from({ length: 8 }, (_, row) => label(row)[row]!).filter((share) => share < 1));
    };
    expect(lambdas(false).size).toBe(1);
    expect(lambdas(true).size).toBeGreaterThan(4);
  });

  it('pastes one rectangle of the partner', () => {
    const { x } = mixed(undefined, {}, 2);
    for (let row = 0; row < format.batchSize; row++) {
      const pixels = Array.from(x.subarray(row * size, (row + 1) * size));
      const foreign = pixels.flatMap((value, p) => (value === row ? [] : [p]));
      if (foreign.length === 0) continue;
      const columns = foreign.map((p) => p % format.width);
      const rows = foreign.map((p) => Math.floor(p / format.width));
      const span = (values: number[]) => Math.max(...values) - Math.min(...values) + 1;
      expect(span(columns) * span(rows)).toBe(foreign.length);
      expect(new Set(foreign.map((p) => pixels[p])).size).toBe(1);
    }
  });

  it('repeats for the same stream and changes with it', () => {
    expect(mixed({ alpha: 1 }, undefined, 4).x).toEqual(mixed({ alpha: 1 }, undefined, 4).x);
    expect(mixed({ alpha: 1 }, undefined, 4).x).not.toEqual(mixed({ alpha: 1 }, undefined, 5).x);
  });

  it('mixes as often as the probability says, and nothing without options', () => {
    const touched = Array.from({ length: 300 }, (_, draw) => {
      return mixed({ law: 'reference', probability: 0.25 }, undefined, draw).y.some(
        (share) => share % 1 !== 0,
      );
    }).filter(Boolean).length;
    // 75 expected; three standard deviations are 22.5.
    expect(Math.abs(touched - 75)).toBeLessThan(23);
    expect(mixed(undefined, undefined).x).toEqual(numbered().x);
  });

  it('refuses a bad figure', () => {
    expect(() => createMixer(format, { alpha: 0 }, undefined)).toThrow(
      'mixup.alpha: received 0, expected a number between 0.01 and 100.',
    );
  });
});

describe('drawLambda', () => {
  const draws = (mixup: MixUp) => Array.from({ length: 4000 }, (_, i) => drawLambda(mixup, root.fork(i)));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  it('follows Beta(α, α): mean 1/2, variance 1 / (4·(2α + 1))', () => {
    for (const alpha of [0.2, 1, 4]) {
      const values = draws({ alpha });
      const center = mean(values);
      expect(center).toBeCloseTo(0.5, 1);
      const variance = mean(values.map((value) => (value - center) ** 2));
      // About four standard errors of a variance from 4,000 draws.
      expect(Math.abs(variance * 4 * (2 * alpha + 1) - 1)).toBeLessThan(0.1);
    }
  });

  it('follows the reference law: even in 0.3..0.9', () => {
    const values = draws({ law: 'reference' });
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0.3);
    expect(Math.max(...values)).toBeLessThan(0.9);
    expect(Math.abs(mean(values) - 0.6)).toBeLessThan(0.012);
    expect(values.filter((value) => value < 0.45).length / values.length).toBeCloseTo(0.25, 1);
  });
});
