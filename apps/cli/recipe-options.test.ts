import { Command } from 'commander';
import { describe, expect, it } from 'vitest';

import { recipeOf } from '../../src/index.js';
import { changedRecipe, withRecipeOptions, type RecipeFlags } from './recipe-options.js';

const reference = recipeOf('reference');

function changed(...argv: string[]) {
  const command = withRecipeOptions(new Command('train').exitOverride());
  return changedRecipe(reference, command.parse(argv, { from: 'user' }).opts<RecipeFlags>());
}

describe('options that change a recipe', () => {
  it('change nothing when they are not given', () => {
    expect(changed()).toEqual(reference);
  });

  it('take one number for every stage, or one per stage', () => {
    expect(changed('--epochs', '3').stages.map(({ epochs }) => epochs)).toEqual([3, 3]);
    expect(changed('--epochs', '2,5').stages.map(({ epochs }) => epochs)).toEqual([2, 5]);
    const { stages } = changed('--lr', '1e-3,2e-5');
    expect(stages.map(({ schedule }) => schedule.learningRate)).toEqual([1e-3, 2e-5]);
    expect(() => changed('--lr', '1,2,3')).toThrow(
      '--lr: received 3 numbers, expected one, or 2: recipe "reference" has 2 stages.',
    );
  });

  it('set sizes, sampling and mixing, and 0 turns off', () => {
    const some = changed(
      ...['--batch-size', '16', '--input-size', '96', '--validation', '0.1'],
      ...['--oversample', '0.4', '--class-weight-beta', '0.9999', '--mixup', '0.3', '--mixup-law', 'beta'],
    );
    expect(some).toMatchObject({ batchSize: 16, inputSize: 96, validationFraction: 0.1 });
    expect(some).toMatchObject({ oversample: 0.4, classWeightBeta: 0.9999 });
    for (const stage of some.stages) expect(stage.mixup).toEqual({ alpha: 0.3, law: 'beta' });
    const none = changed('--oversample', '0', '--class-weight-beta', '0', '--mixup', '0');
    expect(none.oversample).toBeUndefined();
    expect(none.classWeightBeta).toBeUndefined();
    for (const stage of none.stages) expect(stage.mixup).toBeUndefined();
  });

  it('let --set have the last word', () => {
    const { stages } = changed('--epochs', '3', '--set', 'stages.head.epochs=1', '--set', 'monitor=valLoss');
    expect(stages.map(({ epochs }) => epochs)).toEqual([1, 3]);
  });
});
