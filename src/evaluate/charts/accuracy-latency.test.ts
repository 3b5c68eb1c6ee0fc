import { describe, expect, it } from 'vitest';

import { defaultClasses } from '../../data/images.js';
import { createComparison, type MeasuredModel } from '../compare/create.js';
import { machine, modelOf } from '../compare/testing/sample.js';
import { accuracyLatencyChart } from './accuracy-latency.js';
import { placeLabels } from './labels.js';
import { fineLogScale } from './scale.js';
import { textWidth } from './text-width.js';

function chartOf(models: readonly MeasuredModel[], drawn = false): string {
  return accuracyLatencyChart(createComparison({ classes: defaultClasses, drawn, machine, models }));
}

function model(net: string, right: number, p50: number): MeasuredModel {
  return modelOf(net, 'y'.repeat(right) + 'n'.repeat(1000 - right), { latency: { p50, p90: p50, runs: 60 } });
}

function textsOf(svg: string): Set<string> {
  return new Set(Array.from(svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g), (match) => match[1]!));
}

const three = [
  model('mobileNetV3Small', 802, 2.4),
  model('densenet121', 799, 21),
  model('nasnetMobile', 640, 17),
];

describe('accuracyLatencyChart', () => {
  it('names every model and the reference beside it', () => {
    const texts = textsOf(chartOf(three));
    for (const name of ['mobileNetV3Small 0.802', 'densenet121 0.799', 'nasnetMobile 0.640']) {
      expect(texts).toContain(name);
    }
    expect(texts).toContain('reference 0.749');
    expect(texts).toContain('reference 0.688');
    expect(texts).toContain('Accuracy on test');
    expect([...texts].join()).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('places faster models further left and better ones higher', () => {
    const circles = Array.from(chartOf(three).matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g), (match) => [
      Number(match[1]),
      Number(match[2]),
    ]);
    const [, small, dense, nas] = circles;
    expect(small![0]!).toBeLessThan(nas![0]!);
    expect(nas![0]!).toBeLessThan(dense![0]!);
    expect(small![1]!).toBeLessThan(dense![1]!);
    expect(dense![1]!).toBeLessThan(nas![1]!);
  });

  it('shows no reference for drawn faces, and leaves out what was not timed', () => {
    const texts = [...textsOf(chartOf([three[0]!, { ...three[1]!, latency: null }], true))].join();
    expect(texts).not.toContain('reference');
    expect(texts).not.toContain('densenet121');
    expect(texts).toContain('Accuracy on drawn test');
  });

  it.each([
    ['one model', [three[0]!]],
    ['no model that was timed', [{ ...three[0]!, latency: null }]],
    ['equal latencies', [three[0]!, model('mobileNetV2', 802, 2.4)]],
  ])('survives %s', (_, models) => {
    expect(chartOf(models)).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe('placeLabels', () => {
  it('keeps labels off each other, off the marks and inside the room', () => {
    const room = { x: 0, y: 0, width: 400, height: 300 };
    const spots = [
      [100, 100],
      [104, 102],
      [395, 100],
      [100, 4],
    ] as const;
    const marks = spots.map(([x, y]) => ({ x, y, content: 'a name' }));
    const taken = spots.map(([x, y]) => ({ x: x - 7, y: y - 7, width: 14, height: 14 }));
    const placed = placeLabels(marks, { taken, room, size: 13 });
    const width = textWidth('a name', 13);
    const boxes = placed.map(({ x, y, anchor }) => {
      const left = x - { start: 0, middle: width / 2, end: width }[anchor];
      return { left, right: left + width, top: y - 13, bottom: y + 3 };
    });
    const marked = taken.map(({ x, y }) => ({ left: x, right: x + 14, top: y, bottom: y + 14 }));
    for (const [i, a] of boxes.entries()) {
      expect(a.left >= 0 && a.right <= 400 && a.top >= 0, `label ${i}`).toBe(true);
      for (const b of [...marked, ...boxes.slice(i + 1)]) {
        const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
        expect(apart, `label ${i}`).toBe(true);
      }
    }
  });
});

describe('fineLogScale', () => {
  it('has round ticks and room on both sides', () => {
    const { at, ticks } = fineLogScale([2.4, 21], 0, 100);
    expect(ticks).toEqual([2, 5, 10, 20]);
    expect(at(2.4)).toBeGreaterThan(3);
    expect(at(21)).toBeLessThan(97);
    expect(at(10) - at(5)).toBeCloseTo(at(20) - at(10), 9);
  });

  it('copes with one value and with none', () => {
    expect(fineLogScale([3], 0, 100).at(3)).toBeCloseTo(50, 9);
    expect(fineLogScale([], 0, 100).ticks.length).toBeGreaterThan(1);
  });
});
