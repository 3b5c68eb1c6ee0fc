import { describe, expect, it } from 'vitest';

import { parallelCoordinatesChart } from '../charts/parallel-coordinates.js';
import { formatSweep, formatSweepMarkdown } from './format.js';
import { shortNames, valueText, type SweepResult, type SweepRow } from './result.js';

const row = (
  dropout: number,
  name: string | null,
  mean: number | null,
  change: Partial<SweepRow> = {},
): SweepRow => ({
  values: { 'head.dropout': dropout, 'stages.all.optimizer.name': name },
  ...{
    mean,
    deviation: null,
    n: 1,
    epochs: 4,
    seconds: 125,
    status: 'finished',
    runs: ['out/trial-001'],
    ...change,
  },
});

const result: SweepResult = {
  ...{
    version: 1,
    method: 'grid',
    metric: 'valAccuracy',
    data: 'faces',
    drawn: true,
    recipe: 'drawn',
    net: 'net',
  },
  parameters: [
    { path: 'head.dropout', scale: 'linear' },
    { path: 'stages.all.optimizer.name', scale: 'choice' },
  ],
  rungs: [4],
  rows: [
    row(0.1, 'adam', 0.8123, { deviation: 0.01, n: 2, runs: ['out/trial-001', 'out/trial-002'] }),
    row(0.2, '<b>', 0.75),
    row(0.3, null, null, { status: 'failed', reason: 'no' }),
  ],
};

describe('formatSweep', () => {
  it('is a table, the best first', () => {
    const lines = formatSweep(result).split('\n');
    expect(lines.slice(0, 6)).toEqual([
      '3 settings of recipe "drawn" (net) on faces (drawn faces, not photographs), grid, by valAccuracy.',
      '',
      '#          valAccuracy  head.dropout  optimizer.name  epochs     time  status             run',
      '1  0.8123 ± 0.0100 (2)           0.1            adam       4  2.1 min  finished  trial-001 +1',
      '2               0.7500           0.2             <b>       4  2.1 min  finished     trial-001',
      '3                    -           0.3            none       4  2.1 min  failed       trial-001',
    ]);
    expect(formatSweep(result, 1)).toContain('… and 2 more in sweep.md');
  });

  it('is a Markdown page that shows values as they stand', () => {
    const page = formatSweepMarkdown(result);
    expect(page).toContain('| 2 | 0.7500 | 0.2 | \\<b\\> | 4 | 2.1 min | finished | trial-001 |');
    expect(page).toContain('![Settings and what they reached](sweep.png)');
  });
});

describe('shortNames', () => {
  it('keeps what tells paths apart', () => {
    expect(shortNames(['head.dropout', 'stages.head.ema', 'stages.all.ema', 'batchSize'])).toEqual([
      'head.dropout',
      'head.ema',
      'all.ema',
      'batchSize',
    ]);
    expect(shortNames(['stages.a.mixup.alpha', 'stages.b.mixup.alpha'])).toEqual([
      'a.mixup.alpha',
      'b.mixup.alpha',
    ]);
  });

  it('reads values', () => {
    expect([0.000123456, 'x', null, { a: 1 }, true].map(valueText)).toEqual([
      '0.0001235',
      'x',
      'none',
      '{"a":1}',
      'true',
    ]);
  });
});

describe('parallelCoordinatesChart', () => {
  const svg = parallelCoordinatesChart(result);
  const paths = [...svg.matchAll(/<path d="(M[^"]*)"[^>]*stroke="([^"]*)"/g)].map(([, d = '', stroke]) => ({
    points: d
      .split(/[ML]/)
      .slice(1)
      .map((point) => point.split(' ').map(Number)),
    stroke,
  }));

  it('draws a line for each setting, the best last and in its colour', () => {
    expect(paths).toHaveLength(3);
    expect(paths.map(({ stroke }) => stroke === '#e07b1a')).toEqual([false, false, true]);
    // Without a figure the line ends at the last parameter.
    expect(paths.map(({ points }) => points.length)).toEqual([2, 3, 3]);
  });

  it('puts better figures and larger values higher', () => {
    const [, second, best] = paths;
    expect(best!.points[2]![1]).toBeLessThan(second!.points[2]![1]!);
    expect(best!.points[0]![1]).toBeGreaterThan(second!.points[0]![1]!);
    const rows = result.rows.map((one) => ({ ...one, mean: one.mean === null ? null : 1 - one.mean }));
    const loss = parallelCoordinatesChart({ ...result, metric: 'valLoss', rows });
    const ends = [...loss.matchAll(/<path d="M[^"]*L([\d.]+) ([\d.]+)"/g)].map(([, , y]) => Number(y));
    expect(ends[2]).toBeLessThan(ends[1]!);
  });

  it('escapes names', () => {
    expect(svg).toContain('&lt;b&gt;');
    expect(svg).not.toContain('<b>');
  });
});
