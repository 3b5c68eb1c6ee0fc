import type { Program, Step } from '../program/program.js';
import { UnionFind } from './union-find.js';

/** The channels of all values of a program, joined where they can only be scaled together. */
export interface ChannelClasses {
  /** Class of a value's channel. */
  classOf(value: string, channel: number): number;
  channelsOf(value: string): number;
  /** Whether a class must keep its size: something nonlinear, an input or an output touches it. */
  isFixed(root: number): boolean;
}

/** Operations that give `s · y` for `s · x`, channel by channel. */
const HOMOGENEOUS: ReadonlySet<Step['kind']> = new Set([
  'averagePool',
  'maxPool',
  'globalAverage',
  'globalMax',
  'pad',
  'crop',
  'leakyRelu',
  'add',
  'subtract',
]);

/** Finds which channels can be scaled. */
export function channelClasses(program: Program): ChannelClasses {
  return new Classes(program);
}

class Classes implements ChannelClasses {
  private readonly offsets = new Map<string, number>();
  private readonly sizes = new Map<string, number>();
  private readonly sets: UnionFind;
  private readonly fixed = new Set<number>();

  constructor(program: Program) {
    let total = 0;
    for (const [name, { shape }] of program.values) {
      const size = shape.at(-1) ?? 1;
      this.offsets.set(name, total);
      this.sizes.set(name, size);
      total += size;
    }
    this.sets = new UnionFind(total);
    const pinned: string[] = [...program.inputs, ...program.outputs].map(({ value }) => value);
    for (const step of program.steps) pinned.push(...this.join(step, program));
    for (const name of pinned) this.pin(name);
  }

  classOf(value: string, channel: number): number {
    return this.sets.find((this.offsets.get(value) ?? 0) + channel);
  }

  channelsOf(value: string): number {
    return this.sizes.get(value) ?? 0;
  }

  isFixed(root: number): boolean {
    return this.fixed.has(root);
  }

  private pin(name: string): void {
    for (let i = 0; i < this.channelsOf(name); i++) this.fixed.add(this.classOf(name, i));
  }

  /** Joins a step's channels; returns the values that must keep their size. */
  private join(step: Step, program: Program): readonly string[] {
    const { inputs, output, activation, kind } = step;
    const all = [...inputs, output];
    if (step.exact === true) return all;
    const bounded = activation === 'relu6' ? [output] : [];
    if (kind === 'conv' || kind === 'depthwise' || kind === 'dense') return bounded;
    if (kind === 'reshape') return this.tile(inputs[0] ?? '', output) ? bounded : all;
    if (kind === 'concat') return this.concat(step.axis, all, program) ? bounded : all;
    if (kind === 'multiply') {
      const [tied = '', other = ''] = this.factors(inputs, program);
      return this.tile(tied, output) ? [other, ...bounded] : all;
    }
    const homogeneous = HOMOGENEOUS.has(kind) || (kind === 'unary' && step.function === 'relu');
    return homogeneous && inputs.every((input) => this.tile(input, output)) ? bounded : all;
  }

  /** The factor that is scaled with the product, then the one that is not: a gate, where there is one. */
  private factors([first = '', second = '']: readonly string[], { steps }: Program): readonly string[] {
    const gate = steps.find(
      (step) => step.output === first && (step.activation === 'relu6' || step.kind === 'unary'),
    );
    return gate === undefined || first === second ? [first, second] : [second, first];
  }

  /** Joins channels in turn, as where pixels are laid out one after another; false where they do not fit. */
  private tile(from: string, to: string): boolean {
    const [few, many] = [this.channelsOf(from), this.channelsOf(to)];
    if (few === 0 || many % few !== 0) return false;
    for (let i = 0; i < many; i++) this.sets.union(this.at(from, i % few), this.at(to, i));
    return true;
  }

  private concat(axis: number, all: readonly string[], { values }: Program): boolean {
    const output = all.at(-1) ?? '';
    const inputs = all.slice(0, -1);
    const rank = values.get(output)?.shape.length ?? 0;
    if (axis !== rank - 1) return inputs.every((input) => this.tile(input, output));
    let place = 0;
    for (const input of inputs)
      for (let i = 0; i < this.channelsOf(input); i++)
        this.sets.union(this.at(input, i), this.at(output, place++));
    return true;
  }

  private at(name: string, channel: number): number {
    return (this.offsets.get(name) ?? 0) + channel;
  }
}
