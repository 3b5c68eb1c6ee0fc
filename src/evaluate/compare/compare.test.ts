import { describe, expect, it } from 'vitest';

import { defaultClasses } from '../../data/images.js';
import { wilsonInterval } from '../metrics.js';
import { formatPredictions } from '../predictions.js';
import { pairAnswers, parseAnswers } from './answers.js';
import { createComparison, type ComparisonInput } from './create.js';
import { formatComparison, formatComparisonMarkdown } from './format.js';
import { referenceAccuracy } from './reference.js';
import { answersOf, figuresOf, machine, modelOf, runOf } from './testing/sample.js';

const classes = ['happy', 'angry'];
/** 40 images: 30 both right, 9 only the first, 1 only the second. */
const FIRST = `${'y'.repeat(39)}n`;
const SECOND = `${'y'.repeat(30)}${'n'.repeat(9)}y`;

function comparison(change: Partial<ComparisonInput> = {}) {
  const models = [modelOf('densenet121', FIRST), modelOf('mobileNetV2', SECOND)];
  return createComparison({ classes, drawn: false, machine, models, ...change });
}

describe('parseAnswers', () => {
  it('reads what formatPredictions writes, whatever the names', () => {
    const files = ['plain.png', 'a,b.png', ' "quoted".png', 'line\nbreak.png'];
    const scores = { labels: Int32Array.of(0, 1, 0, 1), classes: ['a "b", c', 'd'] };
    const probabilities = Float32Array.of(1, 0, 1, 0, 0, 1, 0, 1);
    const answers = parseAnswers(formatPredictions({ ...scores, probabilities, files }), 'x.csv');
    expect([...answers.keys()]).toEqual(files);
    expect(answers.get('a,b.png')).toEqual({ label: 'd', predicted: 'a "b", c' });
    expect(answers.get('line\nbreak.png')).toEqual({ label: 'd', predicted: 'd' });
  });

  it('refuses another table and a file named twice', () => {
    expect(() => parseAnswers('file,class\n', 'x.csv')).toThrow(
      'x.csv: received the first line "file,class", expected one that begins with "file,label,predicted".',
    );
    expect(() => parseAnswers('file,label,predicted\na,b,c\na,b,c\n', 'x.csv')).toThrow(
      'x.csv: received "a" twice, expected a row per image.',
    );
  });
});

describe('pairAnswers', () => {
  it('counts who alone was right, whatever the order of the rows', () => {
    const reversed = new Map([...answersOf('ynny')].reverse());
    expect(pairAnswers(answersOf('yyny'), reversed)).toEqual({ n: 4, onlyFirst: 1, onlySecond: 0 });
  });

  it.each([
    [answersOf('yy'), answersOf('yyy'), 'they answered 2 and 3 images'],
    [answersOf('yyy'), answersOf('yy'), 'only one of them was asked about "2.png"'],
    [
      answersOf('y'),
      new Map([['0.png', { label: 'sad', predicted: 'sad' }]]),
      '"0.png" is happy for one and sad for the other',
    ],
  ])('says why images are not the same %#', (first, second, reason) => {
    expect(pairAnswers(first, second)).toBe(reason);
  });
});

describe('createComparison', () => {
  it('tests every pair and corrects for their number', () => {
    const third = modelOf('nasnetMobile', SECOND);
    const { pairs, split } = comparison({
      models: [modelOf('densenet121', FIRST), modelOf('mobileNetV2', SECOND), third],
    });
    expect(split).toBe('test');
    expect(pairs).toHaveLength(3);
    // scipy 1.17.1: binomtest(1, 10, 0.5).pvalue = 0.021484375; Holm multiplies the smallest of three by 3
    expect(pairs[0]).toMatchObject({ n: 40, onlyFirst: 9, onlySecond: 1, difference: 0.2 });
    expect(pairs[0]!.p).toBeCloseTo(0.021484375, 12);
    expect(pairs[0]!.pHolm).toBeCloseTo(0.064453125, 12);
    expect(pairs.map(({ significant }) => significant)).toEqual([false, false, false]);
    expect(comparison().pairs[0]).toMatchObject({ significant: true });
  });

  it('means over seeds, with deviations, and none for one seed', () => {
    const runs = [runOf(FIRST), runOf(SECOND, { seed: 2, stepMilliseconds: 100, secondsToBest: null })];
    const { models } = comparison({
      models: [modelOf('densenet121', FIRST, { runs }), modelOf('mobileNetV2', SECOND)],
    });
    const [first, second] = models;
    expect(first!.test!.accuracy).toBeCloseTo((39 / 40 + 31 / 40) / 2, 12);
    expect(first!.test!.accuracyDeviation).toBeCloseTo(8 / 40 / Math.sqrt(2), 12);
    expect(first!.test!.interval).toEqual(wilsonInterval(35, 40));
    expect(first!.stepMilliseconds).toBe(110);
    expect(first!.secondsToBest).toBeNull();
    expect(second!.test!.accuracyDeviation).toBeNull();
  });

  it('says plainly that differing test sets were not paired', () => {
    const models = [modelOf('densenet121', FIRST), modelOf('mobileNetV2', 'yn')];
    const { pairs, notes } = comparison({ models });
    expect(pairs).toEqual([]);
    expect(notes).toContain(
      'densenet121 and mobileNetV2 were not tested as a pair: only one of them was asked about "2.png".',
    );
  });

  it('falls back to validation where there is no test part', () => {
    const withoutTest = (net: string, pattern: string) =>
      modelOf(net, pattern, {
        runs: [runOf(pattern, { test: null, validation: figuresOf(8, 10) })],
        answers: { validation: answersOf(pattern), test: undefined },
      });
    const found = comparison({
      models: [withoutTest('densenet121', FIRST), withoutTest('mobileNetV2', SECOND)],
    });
    expect(found.split).toBe('validation');
    expect(found.pairs[0]).toMatchObject({ onlyFirst: 9, onlySecond: 1 });
    expect(formatComparison(found)).toMatch(/accuracy test .*macro val/);
  });

  it('notes what models should have in common and have not', () => {
    const answers = { validation: answersOf('y'), test: answersOf(SECOND) };
    const other = modelOf('mobileNetV2', SECOND, { inputSize: 96, recipe: 'mine', answers });
    expect(comparison({ models: [modelOf('densenet121', FIRST), other], notes: ['Mine.'] }).notes).toEqual([
      'Mine.',
      'Validation parts differ: densenet121 held out other images than mobileNetV2.',
      'Input sizes differ: densenet121 128 pixels, mobileNetV2 96 pixels.',
      'Recipes differ: densenet121 default, mobileNetV2 mine.',
    ]);
  });
});

describe('the reference', () => {
  it('stands beside the same net, five classes and photographs only', () => {
    const net = 'densenet121';
    expect(referenceAccuracy({ net, classes: [...defaultClasses].reverse(), drawn: false })).toBe(0.6878);
    expect(referenceAccuracy({ net, classes: defaultClasses, drawn: true })).toBeNull();
    expect(referenceAccuracy({ net, classes: [...defaultClasses, 'sad'], drawn: false })).toBeNull();
    expect(referenceAccuracy({ net: 'mobileNetV2', classes: defaultClasses, drawn: false })).toBeNull();
  });

  it('has a row of its own and its source in the notes', () => {
    const text = formatComparison(comparison({ classes: defaultClasses }));
    expect(text).toMatch(/^reference densenet121 {2,}- +- +0\.6878 +-( +-)+$/m);
    expect(text).toContain('on both halves of the FER2013 test set');
    expect(formatComparison(comparison())).not.toContain('reference');
  });
});

describe('the tables', () => {
  it('show every figure, and - for what is unknown', () => {
    const bare = modelOf('mobileNetV2', SECOND, {
      macs: 2_834_161_664,
      latency: null,
      runs: [runOf(SECOND, { validation: null, stepMilliseconds: null, secondsToBest: null })],
    });
    const text = formatComparison(comparison({ models: [modelOf('densenet121', FIRST), bare] }));
    expect(text).toContain('Compared on "test": 40 images, 2 classes (happy, angry).');
    expect(text).toMatch(
      /^densenet121 +128 +0\.8000 \(0\.490–0\.943\) +0\.9750 \(0\.871–0\.996\) +0\.8750 +939,120 +56\.5 M +4\.0 MB +120 ms +2\.35 ms +90 s$/m,
    );
    expect(text).toMatch(/^mobileNetV2 +128 +- +0\.7750 .* 2\.83 G +4\.0 MB +- +- +-$/m);
    expect(text).toMatch(
      /^densenet121, mobileNetV2 +40 +9 +1 +\+20\.0 points +0\.0215 +0\.0215 {2}densenet121 is better$/m,
    );
  });

  it('are Markdown that shows names as they are', () => {
    const named = modelOf('mobileNetV2', SECOND, { name: 'mobileNetV2 (a|b_c)' });
    const page = formatComparisonMarkdown(comparison({ models: [modelOf('densenet121', FIRST), named] }));
    const rows = page.split('\n').filter((line) => line.startsWith('|'));
    const cells = (row: string) => row.replaceAll('\\|', '').match(/\|/g)!.length;
    expect(new Set(rows.slice(0, 4).map(cells))).toEqual(new Set([12]));
    expect(page).toContain('| mobileNetV2 (a\\|b\\_c) |');
    expect(page).toContain('![Accuracy against latency](comparison.png)');
    expect(page).toContain('mobileNetV2 (a\\|b\\_c) | 40 | 9 | 1 | +20.0 points |');
  });
});
