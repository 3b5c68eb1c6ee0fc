import { describe, expect, it } from 'vitest';

import { createRandom } from '../../core/random.js';
import { parseSweepFile, planSweep } from './plan.js';
import { drawValues, gridOf, parseDomain } from './space.js';

const base = 'data: faces\nrecipe: drawn\nweights: none\n';
const parameters = 'parameters:\n  head.dropout: [0, 0.3]\n  batchSize: [16, 32]\n';
const plan = (text: string) => planSweep(parseSweepFile(text, 'sweep.yaml'), { out: 'runs/s' });

describe('planSweep', () => {
  it('makes a grid times seeds, with the fixed changes below it', () => {
    const { trials, metric, rungs } = plan(
      `${base}seeds: [1, 2]\nset: {stages.all.epochs: 2}\n${parameters}`,
    );
    expect(
      trials.map(({ training: { settings }, name }) => [name, settings.seed, settings.recipe.head.dropout]),
    ).toEqual([
      ['trial-001', 1, 0],
      ['trial-002', 2, 0],
      ['trial-003', 1, 0],
      ['trial-004', 2, 0],
      ['trial-005', 1, 0.3],
      ['trial-006', 2, 0.3],
      ['trial-007', 1, 0.3],
      ['trial-008', 2, 0.3],
    ]);
    expect(trials.every(({ training }) => training.settings.recipe.stages[1]?.epochs === 2)).toBe(true);
    expect([metric, rungs]).toEqual(['valAccuracy', undefined]);
  });

  it('draws trials that depend on their number alone', () => {
    const text = `${base}method: random\nparameters: {head.dropout: {from: 0, to: 0.5}}\n`;
    const values = (trials: number) => plan(`${text}trials: ${trials}\n`).trials.map((trial) => trial.values);
    expect(values(8).slice(0, 3)).toEqual(values(3));
    expect(new Set(values(8).map((value) => value['head.dropout'])).size).toBe(8);
  });

  it('removes a setting by null, and sets records', () => {
    const { trials } = plan(`${base}parameters: {stages.all.ema: [null, 0.9], fold: [{part: 1, of: 3}]}\n`);
    expect(trials.map(({ training }) => training.settings.recipe.stages[1]?.ema)).toEqual([undefined, 0.9]);
    expect(trials[0]?.training.settings.recipe.fold).toEqual({ part: 1, of: 3 });
  });

  it('halves over all epochs of the recipe', () => {
    const text = `${base}method: asha\ntrials: 12\nasha: {reduction: 3, minEpochs: 2}\n`;
    expect(plan(`${text}${parameters}`).rungs).toEqual([2, 6, 11]);
    expect(() => plan(`${text}parameters: {stages.all.epochs: [1, 2]}\n`)).toThrow(
      'sweep: received trials of different numbers of epochs, expected trials of the same number of epochs',
    );
  });

  it.each([
    ['', 'sweep.yaml.parameters: received nothing, expected a record of settings and their values.'],
    [
      'workers: 0\nparameters: {a: [1]}',
      'sweep.yaml.workers: received 0, expected a whole number of at least 1.',
    ],
    [
      'worker: 2\nparameters: {a: [1]}',
      'sweep.yaml: received the unknown field "worker", expected one of version, data',
    ],
    ['parameters: {a: [1]}', 'sweep: received no data, expected a data folder or a CSV file'],
    [
      'data: d\nparameters: {head.drop: [1]}',
      'received the unknown field "drop", expected one of kind, dropout, l2.',
    ],
    [
      'data: d\nparameters: {batchSize: 16}',
      'parameters.batchSize: received 16, expected a list of values or a range',
    ],
    [
      'data: d\nparameters: {head.dropout: {from: 0, to: 1}}',
      'parameters.head.dropout: received a range without steps, expected a list of values, or a range with steps, in a grid.',
    ],
    [
      'data: d\nparameters: {validationFraction: [0]}',
      'sweep: received a recipe that holds nothing out, expected a validation part, for trials are judged by it; set',
    ],
    ['a: [', 'sweep.yaml: received '],
  ])('refuses %s', (text, message) => {
    expect(() => plan(text)).toThrow(message);
  });
});

describe('parameters', () => {
  it('spaces a grid on its scale', () => {
    const rate = parseDomain('lr', { from: 1e-4, to: 1e-2, scale: 'log', steps: 3 });
    const size = parseDomain('size', { from: 1, to: 4, whole: true, steps: 3 });
    expect(gridOf({ rate, size }).map(Object.values)).toEqual(
      [1e-4, 1e-3, 1e-2].flatMap((lr) => [1, 3, 4].map((s) => [lr, s])),
    );
  });

  it('draws evenly on a logarithmic scale', () => {
    const rate = parseDomain('lr', { from: 1e-4, to: 1, scale: 'log' });
    const draws = Array.from({ length: 400 }, (_, i) =>
      Number(drawValues({ rate }, createRandom(1), i)['rate']),
    );
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(1e-4);
    expect(Math.max(...draws)).toBeLessThanOrEqual(1);
    const below = draws.filter((value) => value < 1e-2).length / draws.length;
    expect(Math.abs(below - 0.5)).toBeLessThan(0.1);
  });

  it('leaves no gaps where draws are few, in any direction', () => {
    const domain = parseDomain('x', { from: 0, to: 1 });
    const kind = parseDomain('kind', ['a', 'b']);
    for (const seed of [1, 2, 42]) {
      const draws = Array.from({ length: 12 }, (_, i) =>
        drawValues({ x: domain, y: domain, kind }, createRandom(seed), i),
      );
      for (const name of ['x', 'y']) {
        const values = draws.map((draw) => Number(draw[name])).sort((a, b) => a - b);
        const gaps = [...values, 1].map((value, i) => value - (values[i - 1] ?? 0));
        expect(Math.max(...gaps)).toBeLessThan(0.2);
      }
      const quarters = new Set(draws.map(({ x, y }) => `${Number(x) < 0.5}${Number(y) < 0.5}`));
      expect(quarters.size).toBe(4);
      expect(draws.filter((draw) => draw['kind'] === 'a').length).toBeGreaterThan(3);
    }
  });

  it.each([
    [{ from: 2, to: 1 }, 'a range from 2 to 1'],
    [{ from: 0, to: 1, scale: 'log' }, 'a logarithmic range from 0'],
    [{ from: 0, to: 1, step: 3 }, 'the unknown field "step"'],
    [[], 'received []'],
  ])('refuses %j', (domain, received) => {
    expect(() => parseDomain('x', domain)).toThrow(received);
  });
});
