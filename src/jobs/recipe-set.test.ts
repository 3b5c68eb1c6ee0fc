import { describe, expect, it } from 'vitest';

import { recipeOf, recipes } from '../train/recipes/index.js';
import { checkRecipe } from './recipe-fields.js';
import { setInRecipe } from './recipe-set.js';

const drawn = recipeOf('drawn');

describe('checkRecipe', () => {
  it.each(recipes.map((recipe) => [recipe.name, recipe] as const))('accepts %s', (_name, recipe) => {
    expect(checkRecipe(recipe)).toBe(recipe);
  });

  it('names the innermost field that is wrong', () => {
    const [first, ...others] = drawn.stages;
    const stages = [{ ...first, schedule: { name: 'constant', learningRate: 'fast' } }, ...others];
    expect(() => checkRecipe({ ...drawn, stages })).toThrow(
      'recipe.stages.1.schedule.learningRate: received "fast", expected a number of at least 0.',
    );
    expect(() => checkRecipe({ ...drawn, monitor: undefined })).toThrow(
      'recipe.monitor: received nothing, expected one of valAccuracy, valMacroAccuracy, valLoss.',
    );
    expect(() => checkRecipe(undefined)).toThrow('recipe: received nothing, expected a record with name, ');
  });
});

describe('setInRecipe', () => {
  it('changes one stage by name or number, all by *, and nothing else', () => {
    const byName = setInRecipe(drawn, 'stages.all.epochs=3');
    expect(byName.stages.map(({ epochs }) => epochs)).toEqual([drawn.stages[0]?.epochs, 3]);
    expect(setInRecipe(drawn, 'stages.2.epochs=3')).toEqual(byName);
    expect(setInRecipe(drawn, 'stages.*.epochs=3').stages.map(({ epochs }) => epochs)).toEqual([3, 3]);
    expect({ ...byName, stages: [] }).toEqual({ ...drawn, stages: [] });
  });

  it('adds records that are not there, and removes settings', () => {
    const mixed = setInRecipe(drawn, 'stages.head.mixup.alpha=0.4');
    expect(mixed.stages[0]?.mixup).toEqual({ alpha: 0.4 });
    const whole = setInRecipe(drawn, 'stages.*.cutmix={alpha: 1, perSample: true}');
    expect(whole.stages[1]?.cutmix).toEqual({ alpha: 1, perSample: true });
    expect(setInRecipe(mixed, 'stages.head.mixup=none')).toEqual(drawn);
    expect(setInRecipe({ ...drawn, oversample: 0.6 }, 'oversample=none')).toEqual(drawn);
  });

  it.each([
    ['epochs', '--set epochs: received no "=", expected path=value, e.g. head.dropout=0.3.'],
    [
      'head.drop=1',
      '--set head.drop=1: received the unknown field "drop", expected one of kind, dropout, l2.',
    ],
    ['batchSize.x=1', 'received "x" inside a whole number of at least 1, expected a path that ends there.'],
    ['dropCopies=1', 'recipe.dropCopies: received 1, expected true or false.'],
    ['head.dropout=1.5', 'recipe.head.dropout: received 1.5, expected a number between 0 and 1.'],
    ['monitor=none', 'recipe.monitor: received nothing, expected one of '],
    ['stages.1.mixup={alpha: ', 'expected a value in YAML.'],
  ])('refuses %s', (assignment, text) => {
    expect(() => setInRecipe(drawn, assignment)).toThrow(text);
  });
});
