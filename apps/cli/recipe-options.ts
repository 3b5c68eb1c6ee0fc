import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Command } from 'commander';

import { setInRecipe, UsageError, type Recipe } from '../../src/index.js';
import {
  choiceOption,
  namesOf,
  numberOf,
  numbersOf,
  partOf,
  repeated,
  wholeOf,
  wholesOf,
} from './options.js';

/** Options that change a recipe. */
export interface RecipeFlags {
  readonly epochs?: readonly number[];
  readonly batchSize?: number;
  readonly inputSize?: number;
  readonly sourceSize?: number;
  readonly colour?: 'grey' | 'rgb';
  readonly lr?: readonly number[];
  readonly mixup?: number;
  readonly mixupLaw?: 'beta' | 'reference';
  readonly oversample?: number;
  readonly classWeightBeta?: number;
  readonly validation?: number;
  readonly splitGroups?: 'exact' | 'near';
  readonly fold?: { readonly part: number; readonly of: number };
  readonly exclude?: string;
  readonly relabel?: string;
  readonly auxiliary?: readonly string[];
  readonly labels?: string;
  readonly labelsWeight?: number;
  readonly teacher?: readonly string[];
  readonly teacherWeight?: number;
  readonly set?: readonly string[];
}

/** Adds them to a command. */
export function withRecipeOptions(command: Command): Command {
  return withLabelOptions(withTrainingOptions(command)).option(
    '--set <path=value>',
    'change any setting, e.g. --set stages.1.ema=0.99; `none` removes one; may be repeated',
    repeated,
  );
}

function withTrainingOptions(command: Command): Command {
  return command
    .optionsGroup("Changes to the recipe (default: the recipe's own):")
    .option('--epochs <n>', 'epochs: one number for every stage, or one per stage (2,5)', wholesOf)
    .option('--batch-size <n>', 'pictures per step', wholeOf)
    .option('--input-size <pixels>', "side of the network's input", wholeOf)
    .option('--source-size <pixels>', 'side that pictures are brought to first, and kept at', wholeOf)
    .addOption(
      choiceOption('--colour <kind>', 'keep brightness alone, as FER2013 does, or colour', ['grey', 'rgb']),
    )
    .option('--lr <rate>', 'highest learning rate: for every stage, or one per stage', numbersOf)
    .option('--mixup <alpha>', 'strength of MixUp, 0 for none', numberOf)
    .addOption(
      choiceOption('--mixup-law <law>', 'how MixUp draws its share: Beta(α, α), or evenly from .3 to .9', [
        'beta',
        'reference',
      ]),
    )
    .option(
      '--oversample <share>',
      'repeat minority classes up to this share of the largest, 0 for off',
      numberOf,
    )
    .option('--class-weight-beta <beta>', 'β of the class weights, 0 for off (.9999 really weighs)', numberOf)
    .option('--validation <share>', 'share of the training pictures that is held out, 0 for none', numberOf);
}

/** What is held out, left out, and which labels count. */
function withLabelOptions(command: Command): Command {
  return command
    .addOption(
      choiceOption(
        '--split-groups <kind>',
        'copies that stay on one side of the split: exact, or near ones too',
        ['exact', 'near'],
      ),
    )
    .option('--fold <i/k>', 'cross-validation: part i of k is held out; the seed decides the parts', partOf)
    .option(
      '--exclude <list>',
      'file with names of training pictures that are left out, e.g. from data audit',
    )
    .option(
      '--relabel <list>',
      'file with corrected labels: a name of a training picture, a tab and its class per line',
    )
    .option(
      '--auxiliary <names>',
      'classes that the backbone learns too but the model does not answer, "none" for none',
      namesOf,
    )
    .option(
      '--labels <file>',
      "CSV of people's votes to mix with the labels, such as FER+: file,happiness,sadness,… (also .gz)",
    )
    .option('--labels-weight <share>', 'share of the votes in the labels', numberOf)
    .option('--teacher <models>', 'finished models whose answers are mixed with the labels', namesOf)
    .option('--teacher-weight <share>', "share of the teachers' answers in the labels", numberOf);
}

/** A recipe with the changes of the command line. @throws InputError, UsageError */
export function changedRecipe(recipe: Recipe, flags: RecipeFlags): Recipe {
  return assignments(recipe, flags).reduce(setInRecipe, recipe);
}

function assignments(recipe: Recipe, flags: RecipeFlags): string[] {
  const set = (path: string, value: string | number | undefined) =>
    value === undefined ? [] : [`${path}=${String(value)}`];
  const orNone = (value: number | undefined) => (value === 0 ? 'none' : value);
  return [
    ...perStage(recipe, '--epochs', 'epochs', flags.epochs),
    ...set('batchSize', flags.batchSize),
    ...set('inputSize', flags.inputSize),
    ...set('sourceSize', flags.sourceSize),
    ...set('colour', flags.colour),
    ...perStage(recipe, '--lr', 'schedule.learningRate', flags.lr),
    ...(flags.mixup === 0 ? ['stages.*.mixup=none'] : set('stages.*.mixup.alpha', flags.mixup)),
    ...set('stages.*.mixup.law', flags.mixupLaw),
    ...set('oversample', orNone(flags.oversample)),
    ...set('classWeightBeta', orNone(flags.classWeightBeta)),
    ...set('validationFraction', flags.validation),
    ...set('splitGroups', flags.splitGroups),
    ...set('fold', flags.fold === undefined ? undefined : JSON.stringify(flags.fold)),
    ...set('exclude', flags.exclude === undefined ? undefined : JSON.stringify(resolve(flags.exclude))),
    ...set('relabel', flags.relabel === undefined ? undefined : JSON.stringify(resolve(flags.relabel))),
    ...set('auxiliaryClasses', listOf(flags.auxiliary)),
    ...set(
      'softLabels.votes',
      flags.labels === undefined ? undefined : JSON.stringify(resolve(flags.labels)),
    ),
    ...set('softLabels.votesWeight', flags.labelsWeight),
    ...set('softLabels.teachers', listOf(flags.teacher?.map(whereItIs))),
    ...set('softLabels.teacherWeight', flags.teacherWeight),
    ...(flags.set ?? []),
  ];
}

/** A path that holds from everywhere; shipped models have names. */
function whereItIs(model: string): string {
  return existsSync(model) ? resolve(model) : model;
}

/** Names as YAML. */
function listOf(names: readonly string[] | undefined): string | undefined {
  if (names === undefined) return undefined;
  return names.join() === 'none' ? 'none' : JSON.stringify(names);
}

function perStage(
  { stages, name }: Recipe,
  option: string,
  path: string,
  values: readonly number[] | undefined,
): string[] {
  if (values === undefined) return [];
  if (values.length === 1) return [`stages.*.${path}=${String(values[0])}`];
  if (values.length === stages.length)
    return values.map((value, i) => `stages.${i + 1}.${path}=${String(value)}`);
  throw new UsageError({
    where: option,
    received: `${values.length} numbers`,
    expected: `one, or ${stages.length}: recipe "${name}" has ${stages.length} ${stages.length === 1 ? 'stage' : 'stages'}`,
  });
}
