import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { learningRateAt, type ScheduleConfig } from './schedules.js';

interface GoldenSchedule {
  readonly learningRate: number;
  readonly minLearningRate: number;
  readonly warmupEpochs: number;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly steps: readonly number[];
  readonly rates: readonly number[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../tests/golden/schedules.json', import.meta.url), 'utf8'),
) as { readonly cases: readonly GoldenSchedule[] };

describe('warmupCosine', () => {
  it.each(golden.cases.map((c) => [`${c.learningRate}, warm-up ${c.warmupEpochs} epochs`, c] as const))(
    'equals the formula that Keras confirms: %s',
    (_, { steps, rates, stepsPerEpoch, totalSteps, ...config }) => {
      const schedule: ScheduleConfig = { name: 'warmupCosine', ...config };
      const ours = steps.map((step) => learningRateAt(schedule, step, stepsPerEpoch, totalSteps));
      ours.forEach((rate, i) => expect(rate).toBeCloseTo(rates[i]!, 14));
    },
  );

  const schedule: ScheduleConfig = {
    name: 'warmupCosine',
    learningRate: 1,
    minLearningRate: 0.1,
    warmupEpochs: 2,
  };

  it('rises from 0 to its peak, falls to its least, and stays there', () => {
    const rates = Array.from({ length: 120 }, (_, step) => learningRateAt(schedule, step, 10, 100));
    expect(rates[0]).toBe(0);
    expect(Math.max(...rates)).toBe(1);
    expect(rates.indexOf(1)).toBe(20);
    rates.slice(0, 20).forEach((rate, i) => expect(rates[i + 1]!).toBeGreaterThan(rate));
    rates.slice(20, 100).forEach((rate, i) => expect(rates[i + 21]!).toBeLessThan(rate));
    expect(rates.slice(100).every((rate) => rate === 0.1)).toBe(true);
  });

  it('is never more than warm-up where the stage is as short as that', () => {
    const rates = Array.from({ length: 6 }, (_, step) => learningRateAt(schedule, step, 10, 5));
    [0, 0.2, 0.4, 0.6, 0.8, 1].forEach((rate, step) => expect(rates[step]).toBeCloseTo(rate, 12));
  });
});

it('constant is the same at every step', () => {
  const schedule: ScheduleConfig = { name: 'constant', learningRate: 5e-4 };
  expect([0, 1, 99, 1000].map((step) => learningRateAt(schedule, step, 10, 100))).toEqual([
    5e-4, 5e-4, 5e-4, 5e-4,
  ]);
});
