import { describe, expect, it } from 'vitest';

import { averageWeights, brewGreedily } from './soup.js';

const weights = (...values: number[]) => new Map([['logits/bias', Float32Array.from(values)]]);

describe('averageWeights', () => {
  it('takes the mean of every value, in double precision', () => {
    const mean = averageWeights([weights(1, 2 ** 24), weights(2, 1), weights(6, 1)]);
    expect([...(mean.get('logits/bias') ?? [])]).toEqual([3, Math.fround((2 ** 24 + 2) / 3)]);
  });
});

describe('brewGreedily', () => {
  /** Accuracy by which ingredients are in. */
  const brewed = (accuracies: readonly number[], table: Readonly<Record<string, number>>) => {
    const asked: string[] = [];
    const result = brewGreedily(accuracies, (chosen) => {
      asked.push(chosen.join());
      return Promise.resolve({ weights: weights(chosen.length), accuracy: table[chosen.join()] ?? 0 });
    });
    return result.then((brew) => ({ ...brew, asked }));
  };

  it('keeps what does not lower the accuracy, and tries each ingredient once', async () => {
    const brew = await brewed([0.8, 0.79, 0.78, 0.7], { '0,1': 0.79, '0,2': 0.82, '0,2,3': 0.82 });
    expect(brew.asked).toEqual(['0,1', '0,2', '0,2,3']);
    expect(brew.chosen).toEqual([0, 2, 3]);
    expect(brew.accuracy).toBe(0.82);
    expect(brew.weights?.get('logits/bias')?.[0]).toBe(3);
  });

  it('is the best ingredient alone where no mixture is as good', async () => {
    const brew = await brewed([0.8, 0.79], { '0,1': 0.5 });
    expect(brew).toMatchObject({ chosen: [0], weights: undefined, accuracy: 0.8 });
  });
});
