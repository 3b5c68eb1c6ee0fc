import { countReaders, type Program, type Step, type StepOf } from '../program/program.js';
import { POINT } from '../program/windows.js';
import type { ValueStatistics } from './observe.js';
import { isWeighted, scaledWeights, type Weighted } from './quantized-program.js';

/** How many times the middle channel's largest magnitude the largest channel's must be. */
const SPREAD = 8;

/** A program in which some hard swishes are products, and the names of their first factors. */
export interface SplitProgram {
  readonly program: Program;
  /** Values that count only above −1/2 (before any scaling of channels). */
  readonly factors: readonly string[];
}

/**
 * Writes a hard swish as the product of `u = x / 6` and `relu6(6 · u + 3)`, a depthwise convolution, where the channels of x differ much in
 * size. A hard swish allows no scaling of its channels; in the product the first factor does, so that
 * {@link equalizeProgram} can bring all channels to one size: the stem of MobileNetV3 loses most of its signal otherwise.
 * The price is a convolution of one pixel per channel.
 */
export function splitSwishes(
  program: Program,
  statistics: ReadonlyMap<string, ValueStatistics>,
  spread = SPREAD,
): SplitProgram {
  return splitWhere(program, (x) => spreadOf(statistics.get(x)) >= spread);
}

/** {@link splitSwishes} where a test of the value that goes in says so. */
export function splitWhere(program: Program, wanted: (x: string) => boolean): SplitProgram {
  const readers = countReaders(program);
  const producers = new Map(program.steps.map((step) => [step.output, step]));
  const split = new Map<Step, Step[]>();
  const values = new Map(program.values);
  const factors: string[] = [];
  for (const step of program.steps) {
    if (step.kind !== 'unary' || step.function !== 'hardSwish') continue;
    const x = step.inputs[0] ?? '';
    const source = producers.get(x);
    if (source === undefined || !isWeighted(source) || source.activation !== 'none') continue;
    if (readers.get(x) !== 1 || !wanted(x)) continue;
    const gate = `${x}/gate`;
    values.set(gate, values.get(x) ?? { dtype: 'float32', shape: [] });
    factors.push(x);
    split.set(source, [scaledWeights(source, 1 / 6), gateOf(source, x, gate)]);
    split.set(step, [productOf(step, x, gate)]);
  }
  const steps = program.steps.flatMap((step) => split.get(step) ?? [step]);
  return { program: { ...program, steps, values }, factors };
}

function spreadOf(statistics: ValueStatistics | undefined): number {
  const sorted = Array.from(statistics?.largest ?? []).sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return middle === 0 ? 0 : (sorted.at(-1) ?? 0) / middle;
}

/** `relu6(6 · x + 3)`, channel by channel, so that each channel of x may have a scale of its own. */
function gateOf(step: Weighted, x: string, gate: string): Step {
  const channels = step.bias.length;
  return {
    kind: 'depthwise',
    name: `${step.name}/gate`,
    window: POINT,
    kernel: new Float32Array(channels).fill(6),
    bias: new Float32Array(channels).fill(3),
    multiplier: 1,
    inputs: [x],
    output: gate,
    activation: 'relu6',
  };
}

function productOf({ name, output, activation }: StepOf<'unary'>, x: string, gate: string): Step {
  return { kind: 'multiply', name, inputs: [x, gate], output, activation };
}
