import { describe, expect, it } from 'vitest';

import { formatAblation } from './ablation.js';
import type { SweepResult, SweepRow } from './result.js';

const row = (values: SweepRow['values'], mean: number | null, deviation: number | null): SweepRow => ({
  ...{ values, mean, deviation, n: mean === null ? 0 : 3, epochs: 4, seconds: 1 },
  ...{ status: 'finished', runs: [] },
});

describe('formatAblation', () => {
  const result: SweepResult = {
    ...{ version: 1, method: 'ablation', metric: 'valAccuracy', data: 'faces', drawn: true },
    ...{ recipe: 'default', net: 'net', rungs: [4] },
    parameters: ['stages.all.ema', 'head.dropout', 'a_b'].map((path) => ({ path, scale: 'choice' })),
    whole: { 'stages.all.ema': 0.997, 'head.dropout': 0.2, a_b: 1 },
    rows: [
      row({ 'stages.all.ema': 0.997, 'head.dropout': 0, a_b: 1 }, 0.82, 0.006),
      row({ 'stages.all.ema': 0.997, 'head.dropout': 0.2, a_b: 1 }, 0.81, 0.003),
      row({ 'stages.all.ema': null, 'head.dropout': 0.2, a_b: 1 }, 0.79, 0.003),
      row({ 'stages.all.ema': 0.997, 'head.dropout': 0.2, a_b: 2 }, null, null),
    ],
  };

  it('compares each change with the whole, whatever their order, the costliest first', () => {
    expect(formatAblation(result).split('\n')).toEqual([
      '| recipe | valAccuracy | standard error | seeds | difference |',
      '| --- | ---: | ---: | ---: | ---: |',
      '| default, whole | 0.8100 | 0.0017 | 3 |  |',
      '| all.ema: 0.997 → none | 0.7900 | 0.0017 | 3 | −0.0200 ± 0.0024 |',
      '| head.dropout: 0.2 → 0 | 0.8200 | 0.0035 | 3 | +0.0100 ± 0.0039 |',
      '| a\\_b: 1 → 2 | - | - | 0 | - |',
      '',
      'net on faces (drawn faces, not photographs), 4 epochs; ± is one standard error.',
      '',
    ]);
  });

  it('knows the whole where one change is better, and the only one', () => {
    const one: SweepResult = {
      ...{ ...result, whole: { a_b: 1 }, parameters: [{ path: 'a_b', scale: 'choice' }] },
      rows: [row({ a_b: 2 }, 0.9, 0), row({ a_b: 1 }, 0.8, 0)],
    };
    const [, , whole, change] = formatAblation(one).split('\n');
    expect(whole).toContain('| default, whole | 0.8000 |');
    expect(change).toContain('| a\\_b: 1 → 2 | 0.9000 |');
  });

  it('says so when nothing was trained', () => {
    expect(formatAblation({ ...result, rows: [] })).toBe('Nothing was trained yet.\n');
  });
});
