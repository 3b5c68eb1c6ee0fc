import { describe, expect, it } from 'vitest';

import { robustnessChart } from '../charts/robustness.js';
import { formatRobustness, formatRobustnessCsv, type Robustness } from './robustness.js';

const figures = (accuracy: number) => ({
  accuracy,
  interval: [accuracy - 0.05, accuracy + 0.05] as const,
  macroAccuracy: accuracy - 0.1,
  ece: 0.03,
});
const robustness: Robustness = {
  ...{ version: 1, split: 'drawn test', average: 'none', seed: 7, n: 1234, classes: ['a', 'b'] },
  ...{ commonest: 0.55, clean: figures(0.8) },
  curves: ['blur', 'jpeg', 'scale'].map((name) => ({
    ...{ name, title: `${name} (unit)` },
    points: [
      { value: null, label: 'as is', ...figures(0.8) },
      { value: 2, label: '×2', ...figures(0.6) },
    ],
  })),
};

describe('robustness', () => {
  it('is a table for each perturbation', () => {
    const lines = formatRobustness(robustness).split('\n');
    expect(lines[0]).toBe('Robustness on "drawn test": 1,234 images, seed 7');
    expect(lines[3]).toBe('as is          0.8000  95 %: 0.750 to 0.850  0.7000             0.0300');
  });

  it('is a CSV file without a value where pictures are as they are', () => {
    expect(formatRobustnessCsv(robustness).split('\n').slice(0, 3)).toEqual([
      'perturbation,severity,value,accuracy,lo,hi,macroAccuracy,ece',
      'blur,as is,,0.8,0.75,0.85,0.7,0.03',
      'blur,×2,2,0.6,0.55,0.65,0.5,0.03',
    ]);
  });

  it('is a chart with a ring on pictures as they are, lower where the accuracy is', () => {
    const svg = robustnessChart(robustness);
    expect(svg).not.toMatch(/NaN|undefined/);
    const [first, second] = [...svg.matchAll(/<path d="M[\d.]+ ([\d.]+)L[\d.]+ ([\d.]+)"/g)][0]!.slice(1);
    expect(Number(second)).toBeGreaterThan(Number(first));
    // One ring in the key and one in each panel.
    expect(svg.match(/<circle[^>]*r="5"/g)).toHaveLength(4);
    expect(svg).toContain('always the commonest class, 0.550');
  });
});
