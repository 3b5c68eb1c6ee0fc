import type { Program, Step } from '../program/program.js';
import { channelClasses, type ChannelClasses } from './channels.js';
import type { ValueStatistics } from './observe.js';
import { channelOf, filterOf, isWeighted, type Weighted } from './quantized-program.js';
import { UnionFind } from './union-find.js';

/** A program whose channels were scaled, and by how much. */
export interface EqualizedProgram {
  readonly program: Program;
  /** By value: each channel was divided by its number. */
  readonly divisors: ReadonlyMap<string, Float64Array>;
}

/**
 * Power of activation by weight; 1/2 weighs the rounding of both alike, 0 looks at activations only. The rounding of weights
 * counts for less, for biases make up for much of it.
 */
const BALANCE = 0.3;
/** Smallest size of a channel against the largest of its tensor. */
const LEAST_SHARE = 1 / 32;

/**
 * Cross-layer equalization: divides channels between layers and multiplies the weights that read them, so that the
 * channels of a tensor, which share one scale in int8, have like sizes. The function stays the same but for rounding.
 *
 * Where only depthwise convolutions read a channel, whose weights have a scale for each, all channels get one size;
 * elsewhere a power of activation by weight (with 1/2, that of Nagel et al., "Data-Free Quantization Through Weight
 * Equalization and Bias Correction", ICCV 2019), with measured activations in place of the first layer's weights. Channels
 * that a residual sum, a pool, a concatenation or a product ties together are scaled together.
 */
export function equalizeProgram(
  program: Program,
  statistics: ReadonlyMap<string, ValueStatistics>,
  balance = BALANCE,
): EqualizedProgram {
  const classes = channelClasses(program);
  const divisors = divisorsOf(program, classes, statistics, balance);
  return scaleChannels(program, classes, divisors);
}

/** Divides the channels of each class by its number, and the weights that read them multiplies by it. */
function scaleChannels(
  program: Program,
  classes: ChannelClasses,
  divisors: ReadonlyMap<number, number>,
): EqualizedProgram {
  const divisorsOfValue = (value: string) =>
    Float64Array.from(
      { length: classes.channelsOf(value) },
      (_, i) => divisors.get(classes.classOf(value, i)) ?? 1,
    );
  const byValue = new Map([...program.values.keys()].map((value) => [value, divisorsOfValue(value)]));
  const steps = program.steps.map((step): Step => {
    if (!isWeighted(step) || step.exact === true) return step;
    return rescaled(step, byValue.get(step.inputs[0] ?? ''), byValue.get(step.output));
  });
  return { program: { ...program, steps }, divisors: byValue };
}

/** {@link equalizeProgram} by divisors that are known, by the value that a step with weights makes. */
export function rescaleProgram(
  program: Program,
  known: Readonly<Record<string, readonly number[]>>,
): EqualizedProgram {
  const classes = channelClasses(program);
  const divisors = new Map<number, number>();
  for (const [value, numbers] of Object.entries(known))
    numbers.forEach((number, channel) => divisors.set(classes.classOf(value, channel), number));
  return scaleChannels(program, classes, divisors);
}

function rescaled<S extends Weighted>(
  step: S,
  input: Float64Array | undefined,
  output: Float64Array | undefined,
): S {
  const kernel = step.kernel.map(
    (value, i) => (value * (input?.[channelOf(step, i)] ?? 1)) / (output?.[filterOf(step, i)] ?? 1),
  );
  return { ...step, kernel, bias: step.bias.map((value, filter) => value / (output?.[filter] ?? 1)) };
}

/** What a class of channels must be divided by. */
function divisorsOf(
  program: Program,
  classes: ChannelClasses,
  statistics: ReadonlyMap<string, ValueStatistics>,
  balance: number,
): Map<number, number> {
  const sizes = activationSizes(program, classes, statistics);
  const weights = weightSizes(program, classes);
  const divisors = new Map<number, number>();
  for (const roots of components(program, classes)) {
    const live = roots.filter((root) => (sizes.get(root) ?? 0) > 1e-9);
    const fixed = live.filter((root) => classes.isFixed(root));
    const free = live.filter((root) => !classes.isFixed(root));
    const of = (root: number) => sizes.get(root) ?? 0;
    const goal = fixed.length > 0 ? Math.max(...fixed.map(of)) : geometricMean(free.map(of));
    // Balanced sizes of the channels that weights of several channels read, in any unit.
    const balanced = (root: number) => (of(root) * (weights.get(root) ?? 0)) ** balance;
    const most = Math.max(...free.map(balanced));
    for (const root of free) {
      const share = weights.has(root) ? Math.max(LEAST_SHARE, balanced(root) / most) : 1;
      // Few digits, so that a record of them is short: any divisors leave the function as it is.
      divisors.set(root, Number((of(root) / (goal * share)).toPrecision(3)));
    }
  }
  return divisors;
}

/** Largest magnitude of each class. */
function activationSizes(
  program: Program,
  classes: ChannelClasses,
  statistics: ReadonlyMap<string, ValueStatistics>,
): Map<number, number> {
  const sizes = new Map<number, number>();
  for (const name of program.values.keys())
    statistics.get(name)?.largest.forEach((size, channel) => {
      const root = classes.classOf(name, channel);
      sizes.set(root, Math.max(sizes.get(root) ?? 0, size));
    });
  return sizes;
}

/**
 * Largest weight that reads each class, as a share of its filter's largest; absent where only depthwise convolutions do,
 * which have a scale for each channel.
 */
function weightSizes({ steps }: Program, classes: ChannelClasses): Map<number, number> {
  const sizes = new Map<number, number>();
  for (const step of steps) {
    if (!isWeighted(step) || step.kind === 'depthwise') continue;
    const largest = new Float64Array(step.bias.length);
    step.kernel.forEach((value, i) => {
      const filter = filterOf(step, i);
      largest[filter] = Math.max(largest[filter] ?? 0, Math.abs(value));
    });
    step.kernel.forEach((value, i) => {
      const root = classes.classOf(step.inputs[0] ?? '', channelOf(step, i));
      const share = Math.abs(value) / Math.max(1e-12, largest[filterOf(step, i)] ?? 0);
      sizes.set(root, Math.max(sizes.get(root) ?? 1e-6, share));
    });
  }
  return sizes;
}

/** Classes that share a tensor, and so its scale. */
function components({ values }: Program, classes: ChannelClasses): number[][] {
  const numbers = new Map<number, number>();
  const numberOf = (root: number) => {
    const known = numbers.get(root) ?? numbers.size;
    numbers.set(root, known);
    return known;
  };
  const rows = [...values.keys()].map((name) =>
    Array.from({ length: classes.channelsOf(name) }, (_, i) => numberOf(classes.classOf(name, i))),
  );
  const sets = new UnionFind(numbers.size);
  for (const [first = 0, ...others] of rows) for (const other of others) sets.union(first, other);
  const groups = new Map<number, number[]>();
  for (const [root, number] of numbers) {
    const group = groups.get(sets.find(number)) ?? [];
    group.push(root);
    groups.set(sets.find(number), group);
  }
  return [...groups.values()];
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / Math.max(1, values.length));
}
