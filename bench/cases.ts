import type { KernelSet } from '../src/lower/kernels.js';

/** Work as both sides know it. */
export type Work = 'frozen' | 'top60' | 'full' | 'inference';

/** What a table of times has a line for. */
export interface Timed {
  readonly name: string;
  /** Highest ratio of Mien's time to the peer's that the project promises; none where only shown. */
  readonly bar?: number;
}

/** One row of the comparison. */
export interface Case extends Timed {
  readonly work: Work;
  readonly kernels: KernelSet['kind'];
  /** Pictures arrive as 48×48 grey pixels and are resized and normalized inside the step. */
  readonly pixels?: true;
}

/** All rows, in the order of the table. */
export const CASES: readonly Case[] = [
  { name: 'frozen', work: 'frozen', kernels: 'fast', bar: 0.5 },
  { name: 'top60', work: 'top60', kernels: 'fast', bar: 0.6 },
  { name: 'full-fast', work: 'full', kernels: 'fast', bar: 0.75 },
  { name: 'full-portable', work: 'full', kernels: 'portable', bar: 1 },
  { name: 'full-pure', work: 'full', kernels: 'pure' },
  { name: 'full-fast-pixels', work: 'full', kernels: 'fast', pixels: true },
  { name: 'inference-32', work: 'inference', kernels: 'portable', bar: 0.5 },
];

/** The comparison's fixed sizes. */
export const SIZES = { batch: 32, size: 128, classes: 5, l2: 3e-5, trainableLayers: 60 } as const;
