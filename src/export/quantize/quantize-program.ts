import { GraphError } from '../../core/errors.js';
import type { Program, Step } from '../program/program.js';
import { correctedBias } from './correct-bias.js';
import { Histogram } from './histogram.js';
import type { ValueStatistics } from './observe.js';
import { floatReason } from './prepare.js';
import {
  isWeighted,
  type Affine8,
  type QuantizedProgram,
  type QuantizedWeights,
} from './quantized-program.js';
import { quantizeWeights } from './quantize-weights.js';
import { affineOfRange, chooseRanges, RANGE_METHODS, type RangeChoice, type RangeMethod } from './ranges.js';
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
  readonly choices: ReadonlyMap<string, RangeChoice>;
}

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

/** Forms that TensorFlow Lite's kernels prescribe. */
const PRESCRIBED: Readonly<Record<string, Affine8>> = {
  sigmoid: { scale: 1 / 256, zeroPoint: -128 },
  tanh: { scale: 1 / 128, zeroPoint: 0 },
};

/** Gives every value and weight of a prepared program its stored form. */
export function quantizeProgram(program: Program, options: QuantizeOptions): Quantized {
  const kept = keptSteps(program, options.keep);
  const stored = storedValues(program, kept);
  const { values, choices } = formsOf(program, { stored, kept, ...options });
  const weights = new Map<string, QuantizedWeights>();
  for (const step of program.steps) {
    if (!isWeighted(step) || kept.has(step.name)) continue;
    const scaleOf = (name: string) => values.get(name)?.scale ?? 1;
    const [input = ''] = step.inputs;
    const rounded = quantizeWeights(step, scaleOf(input), scaleOf(step.output));
    const seen = options.biasCorrection === false ? undefined : options.statistics.get(input);
    weights.set(step.name, seen === undefined ? rounded : correctedBias(step, rounded, seen));
  }
  return { program, values, weights, kept, choices };
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

function formsOf(program: Program, context: FormContext) {
  const values = new Map<string, Affine8>();
  const choices = new Map<string, RangeChoice>();
  const prescribed = prescribedForms(program, context.kept);
  for (const group of groupsOf(program, context)) {
    const form = group.map((name) => prescribed.get(name)).find((found) => found !== undefined);
    const choice = rangeOf(program, group, context);
    for (const name of group) {
      values.set(name, form ?? affineOfRange(choice.range));
      choices.set(name, choice);
    }
  }
  return { values, choices };
}

function prescribedForms({ steps }: Program, kept: ReadonlyMap<string, string>): Map<string, Affine8> {
  return new Map(
    steps.flatMap((step) => {
      const form = step.kind === 'unary' && !kept.has(step.name) ? PRESCRIBED[step.function] : undefined;
      return form === undefined ? [] : [[step.output, form] as const];
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
  // A hard swish gives 0 for anything below −3.
  const floor = onlySwished(program, first) ? -3 : context.floors?.get(first);
  return floor === undefined
    ? choice
    : { ...choice, range: [Math.max(floor, choice.range[0]), choice.range[1]] };
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
