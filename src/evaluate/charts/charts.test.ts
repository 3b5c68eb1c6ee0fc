import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

import { createEvaluation } from '../evaluation.js';
import { confusionMatrixChart } from './confusion-matrix.js';
import { perClassAccuracyChart } from './per-class-accuracy.js';
import { reliabilityChart } from './reliability.js';
import { renderPng } from './render.js';
import { trainingCurvesChart, type CurvePoint } from './training-curves.js';

const classes = ['happy', 'sad & <sorry>', 'an expression with a name that no axis has room for', 'none'];
const answers = [0, 0, 0, 0, 1, 1, 1, 1, 0, 2];
const scores = {
  labels: Int32Array.from([0, 0, 0, 0, 0, 1, 1, 1, 1, 2]),
  probabilities: Float32Array.from(answers.flatMap((a) => classes.map((_, i) => (i === a ? 0.7 : 0.1)))),
  classes,
};
const evaluation = createEvaluation({ split: 'test', flip: true, scores });

function point(epoch: number, change: Partial<CurvePoint> = {}): CurvePoint {
  const stage = epoch < 3 ? 1 : 2;
  const base = { loss: 1 / epoch, accuracy: 0.5, valLoss: 1.2 / epoch, valAccuracy: 0.4 + epoch / 100 };
  return { epoch, stage, lr: 1e-3 / epoch, ...base, ...change };
}

/** The texts of a chart in drawing order. */
function textsOf(svg: string): string[] {
  return Array.from(svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g), (match) => match[1]!);
}

const charts = {
  'confusion matrix': confusionMatrixChart(evaluation),
  'per-class accuracy': perClassAccuracyChart(evaluation),
  reliability: reliabilityChart(evaluation),
  'training curves': trainingCurvesChart([1, 2, 3, 4].map((epoch) => point(epoch))),
};

describe.each(Object.entries(charts))('the %s chart', (_, svg) => {
  it('has no number that is not finite', () => {
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('renders at twice its size, with ink in the title', async () => {
    const image = sharp(renderPng(svg));
    const title = await image.clone().extract({ left: 64, top: 44, width: 300, height: 44 }).stats();
    expect((await image.metadata()).width).toBe(1800);
    expect(title.channels[0]!.min).toBeLessThan(60);
    expect(title.channels[0]!.max).toBe(255);
  });

  it('keeps a clean margin', async () => {
    const { data, info } = await sharp(renderPng(svg, 1))
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const edge = Array.from({ length: info.height }, (_, y) => [
      ...data.subarray(y * info.width, y * info.width + 8),
      ...data.subarray((y + 1) * info.width - 8, (y + 1) * info.width),
    ]).flat();
    expect(edge.every((value) => value === 255)).toBe(true);
    expect(data.subarray(-8 * info.width).every((value) => value === 255)).toBe(true);
  });
});

describe('confusionMatrixChart', () => {
  it('shows counts, row shares and titled axes, names escaped and cut', () => {
    const texts = textsOf(charts['confusion matrix']);
    expect(texts).toEqual(
      expect.arrayContaining(['True class', 'Predicted class', 'Share of the true class']),
    );
    expect(texts).toEqual(
      expect.arrayContaining(['4', '80.0%', '1', '20.0%', '3', '75.0%', 'n = 5', 'n = 0']),
    );
    expect(texts).toContain('sad &amp; &lt;sorry&gt;');
    expect(texts.filter((text) => text.endsWith('…'))).toHaveLength(2);
  });
});

describe('perClassAccuracyChart', () => {
  it('draws a bar as long as the accuracy in the colour of its status', () => {
    const bars = Array.from(
      charts['per-class accuracy'].matchAll(/<rect [^>]*width="([\d.]+)"[^>]*fill="(#\w+)" rx="3"/g),
      (match) => [Number(match[1]), match[2]] as const,
    );
    expect(bars.map(([, fill]) => fill)).toEqual(['#2f8f6b', '#e0a31a', '#2f8f6b']);
    expect(bars[1]![0] / bars[0]![0]).toBeCloseTo(0.75 / 0.8, 3);
  });

  it('names both thresholds and the class without images', () => {
    expect(textsOf(charts['per-class accuracy'])).toEqual(
      expect.arrayContaining(['.70', '.80', 'OK ≥ .80', 'WARN ≥ .70', 'LOW', 'no images', '0.750']),
    );
  });
});

describe('trainingCurvesChart', () => {
  it('marks the stage boundary and the best epoch', () => {
    const texts = textsOf(charts['training curves']);
    expect(texts).toContain('stage 2 ▸');
    expect(texts).toContain('best validation 0.440, epoch 4');
  });

  it.each([
    ['no epoch', []],
    ['one epoch', [point(1)]],
    [
      'no validation',
      [point(1, { valLoss: null, valAccuracy: null }), point(2, { valLoss: null, valAccuracy: null })],
    ],
    ['a loss that exploded', [point(1), point(2, { loss: NaN, valLoss: Infinity }), point(3)]],
    ['a rate of zero', [point(1, { lr: 0 }), point(2, { lr: 0 })]],
  ])('survives %s', (_, points) => {
    expect(trainingCurvesChart(points)).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('breaks a curve at a missing value', () => {
    const svg = trainingCurvesChart([point(1), point(2, { loss: NaN }), point(3), point(4)]);
    expect(svg.match(/ d="(M[^"]*)"/)![1]!.match(/M/g)).toHaveLength(2);
  });
});
