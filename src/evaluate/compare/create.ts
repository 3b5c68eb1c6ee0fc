import { mean, standardDeviation } from '../../core/statistics.js';
import { holm, mcnemarTest } from '../mcnemar.js';
import { wilsonInterval } from '../metrics.js';
import { pairAnswers, sameImages, type Answers } from './answers.js';
import type {
  ComparedModel,
  ComparedPair,
  ComparedRun,
  Comparison,
  Machine,
  ModelFacts,
  SeedFigures,
  SplitFigures,
} from './comparison.js';
import { REFERENCE_SOURCE, referenceAccuracy } from './reference.js';

/** What was measured of one model: its runs, the first seed first, and that run's answers. */
export interface MeasuredModel extends ModelFacts {
  readonly name: string;
  readonly runs: readonly ComparedRun[];
  readonly answers: { readonly validation: Answers | undefined; readonly test: Answers | undefined };
}

/** What {@link createComparison} puts side by side. */
export interface ComparisonInput {
  readonly classes: readonly string[];
  readonly drawn: boolean;
  readonly machine: Machine;
  readonly models: readonly MeasuredModel[];
  /** Notes on how the figures came about. */
  readonly notes?: readonly string[];
}

/** Pairs whose corrected p-value is below this differ. */
const LEVEL = 0.05;

/**
 * Puts models side by side: means over seeds, McNemar's test of each pair, the reference's own figures.
 *
 * @example
 * const comparison = createComparison({ classes, drawn: false, machine, models });
 * writeFileAtomic('comparison.md', formatComparisonMarkdown(comparison));
 */
export function createComparison(input: ComparisonInput): Comparison {
  const { classes, drawn, machine } = input;
  const models = input.models.map((model) => comparedModel(model, input));
  const split = comparedSplit(models);
  const { pairs, untested } = testPairs(input.models, split);
  const notes = [
    ...(input.notes ?? []),
    ...untested,
    ...validationNotes(input.models),
    ...notesOn(models, input),
  ];
  return { version: 1, classes, drawn, split, machine, models, pairs, notes };
}

function comparedModel(
  { name, runs, answers: _answers, ...facts }: MeasuredModel,
  { classes, drawn }: ComparisonInput,
): ComparedModel {
  return {
    name,
    ...facts,
    validation: overSeeds(runs.map(({ validation }) => validation)),
    test: overSeeds(runs.map(({ test }) => test)),
    stepMilliseconds: meanOf(runs.map(({ stepMilliseconds }) => stepMilliseconds)),
    secondsToBest: meanOf(runs.map(({ secondsToBest }) => secondsToBest)),
    reference: referenceAccuracy({ net: facts.net, classes, drawn }),
    runs,
  };
}

/** Means over seeds; the interval is that of the mean accuracy on so many images. */
function overSeeds(figures: readonly (SplitFigures | null)[]): SeedFigures | null {
  const known = figures.filter((one) => one !== null);
  const [first] = known;
  if (first === undefined || known.length < figures.length) return null;
  const accuracies = known.map(({ accuracy }) => accuracy);
  const macros = known.map(({ macroAccuracy }) => macroAccuracy);
  const accuracy = mean(accuracies);
  return {
    n: first.n,
    accuracy,
    interval: wilsonInterval(accuracy * first.n, first.n),
    macroAccuracy: mean(macros),
    accuracyDeviation: deviation(accuracies),
    macroDeviation: deviation(macros),
  };
}

function deviation(values: readonly number[]): number | null {
  return values.length < 2 ? null : standardDeviation(values);
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 || known.length < values.length ? null : mean(known);
}

/** The test part where every model was measured on one, else the validation part. */
function comparedSplit(models: readonly ComparedModel[]): Comparison['split'] {
  if (models.every(({ test }) => test !== null)) return 'test';
  return models.every(({ validation }) => validation !== null) ? 'validation' : null;
}

type Untested = Omit<ComparedPair, 'pHolm' | 'significant'>;

function testPairs(models: readonly MeasuredModel[], split: Comparison['split']) {
  const tested: Untested[] = [];
  const untested: string[] = [];
  for (const [i, first] of models.entries()) {
    for (const second of models.slice(i + 1)) {
      const outcome = testPair(first, second, split);
      if (typeof outcome !== 'string') tested.push(outcome);
      else untested.push(`${first.name} and ${second.name} were not tested as a pair: ${outcome}.`);
    }
  }
  const corrected = holm(tested.map(({ p }) => p));
  const pairs = tested.map((pair, i): ComparedPair => {
    const pHolm = corrected[i] ?? 1;
    return { ...pair, pHolm, significant: pHolm < LEVEL };
  });
  return { pairs, untested };
}

function testPair(
  first: MeasuredModel,
  second: MeasuredModel,
  split: Comparison['split'],
): Untested | string {
  const [one, other] = split === null ? [] : [first.answers[split], second.answers[split]];
  if (one === undefined || other === undefined) return 'one of them has no answers to single images';
  const counts = pairAnswers(one, other);
  if (typeof counts === 'string') return counts;
  const { n, onlyFirst, onlySecond } = counts;
  return {
    first: first.name,
    second: second.name,
    seeds: [first.runs[0]?.seed ?? 0, second.runs[0]?.seed ?? 0],
    ...counts,
    difference: (onlyFirst - onlySecond) / n,
    ...mcnemarTest(onlyFirst, onlySecond),
  };
}

function validationNotes(models: readonly MeasuredModel[]): string[] {
  const [first, ...rest] = models;
  const own = first?.answers.validation;
  const others = rest.filter(({ answers: { validation } }) =>
    own === undefined || validation === undefined ? own !== validation : !sameImages(own, validation),
  );
  if (first === undefined || others.length === 0) return [];
  const names = others.map(({ name }) => name).join(', ');
  return [`Validation parts differ: ${first.name} held out other images than ${names}.`];
}

function notesOn(models: readonly ComparedModel[], { drawn }: ComparisonInput): string[] {
  const seeds = models.some(({ runs }) => runs.length > 1);
  return [
    ...(drawn ? ['These are drawn faces; the figures say nothing about photographs.'] : []),
    ...differing('Input sizes', models, ({ inputSize }) => `${inputSize} pixels`),
    ...differing('Recipes', models, ({ recipe }) => recipe),
    ...(seeds ? [SEEDS] : []),
    ...(models.some(({ reference }) => reference !== null)
      ? [`"reference": as reported by ${REFERENCE_SOURCE}.`]
      : []),
  ];
}

const SEEDS =
  'Several seeds: mean ± sample standard deviation; file, latency and the paired test are those of the first seed.';

/** A note where models differ in what they should have in common. */
function differing(
  what: string,
  models: readonly ComparedModel[],
  value: (model: ComparedModel) => string,
): string[] {
  if (new Set(models.map(value)).size < 2) return [];
  return [`${what} differ: ${models.map((model) => `${model.name} ${value(model)}`).join(', ')}.`];
}
