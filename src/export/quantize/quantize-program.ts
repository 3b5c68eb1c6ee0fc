import { GraphError } from '../../core/errors.js';
import type { Program, Step } from '../program/program.js';
import { correctedBias } from './correct-bias.js';
import { Histogram } from './histogram.js';
import type { ValueStatistics } from './observe.js';
import { floatReason } from './prepare.js';
import { isWeighted, type QuantizedProgram, type QuantizedWeights } from './quantized-program.js';
import { quantizeWeights } from './quantize-weights.js';
import {
  affineOfRange,
  chooseRanges,
  RANGE_METHODS,
  type Range,
  type RangeChoice,
  type RangeMethod,
} from './ranges.js';
import { UnionFind } from './union-find.js';

/** What is known of the values of a program. */
export interface QuantizeOptions {
  /** What every value is, by name. */
  readonly statistics: ReadonlyMap<string, ValueStatistics>;
  /** Whether biases make up for the rounding of kernels. */
  readonly biasCorrection?: boolean;
  readonly methods?: readonly RangeMethod[];
  /** Below this a value has no effect: levels there would be wasted. */
  readonly floors?: ReadonlyMap<string, number>;
  /** Steps to keep in float32, with the reason. */
  readonly keep?: ReadonlyMap<string, string>;
}

/** A quantized program, and how the range of each value was found. */
export interface Quantized extends QuantizedProgram {
  readonly choices: ReadonlyMap<string, ValueRange>;
}

/** The range of a value, and how it was found. */
export type ValueRange = Pick<RangeChoice, 'method' | 'range'>;

/** Steps whose kernels copy numbers as they are stored: what goes in and what comes out have one form. */
const SAME_FORM: ReadonlySet<Step['kind']> = new Set([
  'reshape',
  'pad',
  'crop',
  'maxPool',
  'averagePool',
  'globalMax',
  'concat',
]);

/** Ranges that TensorFlow Lite's kernels prescribe: scales 1/256 and 1/128. */
const PRESCRIBED: Readonly<Record<string, Range>> = { sigmoid: [0, 255 / 256], tanh: [-1, 127 / 128] };

/** Gives every value and weight of a prepared program its stored form. */
export function quantizeProgram(program: Program, options: QuantizeOptions): Quantized {
  const kept = keptSteps(program, options.keep);
  const stored = storedValues(program, kept);
  const choices = choicesOf(program, { stored, kept, ...options });
  const rounded = storedProgram(program, kept, choices);
  return options.biasCorrection === false ? rounded : withCorrectedBiases(rounded, options.statistics);
}

/** Rounds a program's weights to the ranges of its values. */
export function storedProgram(
  program: Program,
  kept: ReadonlyMap<string, string>,
  choices: Quantized['choices'],
): Quantized {
  const values = new Map([...choices].map(([name, { range }]) => [name, affineOfRange(range)]));
  const scaleOf = (name = '') => values.get(name)?.scale ?? 1;
  const weights = new Map<string, QuantizedWeights>();
  for (const step of program.steps)
    if (isWeighted(step) && !kept.has(step.name))
      weights.set(step.name, quantizeWeights(step, scaleOf(step.inputs[0]), scaleOf(step.output)));
  return { program, values, weights, kept, choices };
}

function withCorrectedBiases(
  quantized: Quantized,
  statistics: ReadonlyMap<string, ValueStatistics>,
): Quantized {
  const weights = new Map(quantized.weights);
  for (const step of quantized.program.steps) {
    const rounded = weights.get(step.name);
    const seen = statistics.get(step.inputs[0] ?? '');
    if (isWeighted(step) && rounded !== undefined && seen !== undefined)
      weights.set(step.name, correctedBias(step, rounded, seen));
  }
  return { ...quantized, weights };
}

function keptSteps(program: Program, keep: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const reasons = program.steps.flatMap((step) => {
    const reason = floatReason(step) ?? keep.get(step.name);
    return reason === undefined ? [] : [[step.name, reason] as const];
  });
  return new Map(reasons);
}

/** Values that an int8 step makes or reads. */
function storedValues({ steps }: Program, kept: ReadonlyMap<string, string>): Set<string> {
  return new Set(steps.flatMap((step) => (kept.has(step.name) ? [] : [...step.inputs, step.output])));
}

interface FormContext extends QuantizeOptions {
  readonly stored: ReadonlySet<string>;
  readonly kept: ReadonlyMap<string, string>;
}

function choicesOf(program: Program, context: FormContext): Map<string, ValueRange> {
  const choices = new Map<string, ValueRange>();
  const prescribed = prescribedRanges(program, context.kept);
  for (const group of groupsOf(program, context)) {
    const range = group.map((name) => prescribed.get(name)).find((found) => found !== undefined);
    const { method, ...chosen } = rangeOf(program, group, context);
    for (const name of group) choices.set(name, { method, range: range ?? chosen.range });
  }
  return choices;
}

function prescribedRanges({ steps }: Program, kept: ReadonlyMap<string, string>): Map<string, Range> {
  return new Map(
    steps.flatMap((step) => {
      const range = step.kind === 'unary' && !kept.has(step.name) ? PRESCRIBED[step.function] : undefined;
      return range === undefined ? [] : [[step.output, range] as const];
    }),
  );
}

/** Values that must have one form. */
function groupsOf({ steps }: Program, { stored, kept }: FormContext): string[][] {
  const names = [...stored];
  const numbers = new Map(names.map((name, i) => [name, i]));
  const sets = new UnionFind(names.length);
  for (const step of steps) {
    if (kept.has(step.name) || !SAME_FORM.has(step.kind)) continue;
    for (const input of step.inputs) sets.union(numbers.get(input) ?? 0, numbers.get(step.output) ?? 0);
  }
  const groups = new Map<number, string[]>();
  names.forEach((name, i) => {
    const root = sets.find(i);
    groups.set(root, [...(groups.get(root) ?? []), name]);
  });
  return [...groups.values()];
}

function rangeOf(program: Program, group: readonly string[], context: FormContext): RangeChoice {
  const { methods = RANGE_METHODS } = context;
  const [first = '', ...others] = group;
  const histogram = histogramOf(context, first);
  if (others.length > 0) {
    const merged = new Histogram();
    for (const name of group) merged.merge(histogramOf(context, name));
    return bestOf(chooseRanges(merged, methods));
  }
  const choice = bestOf(chooseRanges(histogram, methods));
  return { ...choice, range: fittedRange(program, first, choice.range, context.floors?.get(first)) };
}

/** A range without the levels that would be wasted. */
function fittedRange(program: Program, name: string, [low, high]: Range, floor?: number): Range {
  const readers = program.steps.filter((step) => step.inputs.includes(name));
  const gate = readers.find((step) => step.kind === 'hardGate');
  // Only the product and its gate read such a value: the range begins where the gate is shut, a whole number of levels
  // below zero, so that a gate can be had by reading the same levels from another zero.
  if (gate !== undefined && readers.length === 2) return gateRange(gate.shift, high);
  const lowest = onlySwished(program, name) ? -3 : floor;
  return lowest === undefined ? [low, high] : [Math.max(lowest, low), high];
}

function gateRange(shift: number, high: number): Range {
  const levels = Math.max(1, Math.floor((255 * shift) / (Math.max(0, high) + shift)));
  return [-shift, (shift * (255 - levels)) / levels];
}

function bestOf([best]: readonly RangeChoice[]): RangeChoice {
  if (best !== undefined) return best;
  throw new GraphError({ where: 'quantization', received: 'no range method', expected: 'one' });
}

function histogramOf({ statistics }: FormContext, name: string): Histogram {
  const found = statistics.get(name)?.histogram;
  if (found !== undefined) return found;
  const received = `no statistics of "${name}"`;
  throw new GraphError({ where: 'quantization', received, expected: 'some of every value' });
}

function onlySwished({ steps, outputs }: Program, name: string): boolean {
  const readers = steps.filter((step) => step.inputs.includes(name));
  const swished = readers.every((step) => step.kind === 'unary' && step.function === 'hardSwish');
  return readers.length > 0 && swished && outputs.every(({ value }) => value !== name);
}
