import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { packageFile } from '../package.js';
import { parseSettings } from '../settings.js';
import { ablationOf } from './space.js';
import { parseSweepFile, planSweep } from './plan.js';

function planOf(name: string) {
  const path = packageFile('examples', 'sweeps', name);
  return planSweep(parseSweepFile(readFileSync(path, 'utf8'), path), { data: 'faces' });
}

describe('the sweeps among the examples', () => {
  it('leave out one part of the default recipe after another, three seeds each', () => {
    const { trials } = planOf('ablation.yaml');
    const [whole] = trials;
    expect(trials).toHaveLength(3 * 15);
    const changed = trials.map(({ values }) =>
      Object.keys(values).filter(
        (path) => JSON.stringify(values[path]) !== JSON.stringify(whole!.values[path]),
      ),
    );
    expect(changed.map(({ length }) => length)).toEqual([0, 0, 0, ...Array<number>(42).fill(1)]);
    expect(trials.every(({ training }) => training.settings.recipe.stages[0]!.epochs === 6)).toBe(true);
  });

  it('grow the data and the net', () => {
    const shares = planOf('learning-curve.yaml').trials.map(
      ({ training }) => training.settings.recipe.trainFraction,
    );
    expect(new Set(shares)).toEqual(new Set([0.0625, 0.125, 0.25, 0.5, 1]));
    const widths = planOf('model-size.yaml').trials.map(({ training }) => training.settings.recipe.alpha);
    expect(new Set(widths)).toEqual(new Set([0.35, 0.5, 0.75, 1, 1.5]));
  });
});

describe('the settings of the race to an accuracy', () => {
  it('are a training', () => {
    const path = packageFile('examples', 'settings', 'time-to-accuracy.yaml');
    const { recipe } = parseSettings(readFileSync(path, 'utf8'), path);
    expect(recipe.stages.map(({ inputSize }) => inputSize ?? recipe.inputSize)).toEqual([64, 96]);
  });
});

describe('ablationOf', () => {
  it('changes one parameter at a time', () => {
    const choice = (...values: (number | null)[]) => ({ kind: 'choice', values }) as const;
    expect(ablationOf({ a: choice(1, null), b: choice(2, 3, 4) })).toEqual([
      { a: 1, b: 2 },
      { a: null, b: 2 },
      { a: 1, b: 3 },
      { a: 1, b: 4 },
    ]);
  });
});
