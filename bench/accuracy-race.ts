import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { InputError } from '../src/core/errors.js';
import { median } from '../src/core/statistics.js';

/** What both sides print, a line of JSON each. */
export type AccuracyLine =
  | { readonly event: 'step' }
  | { readonly event: 'epoch'; readonly epoch: number; readonly valAccuracy: number }
  | {
      readonly event: 'done';
      readonly validation: number | null;
      readonly test: number | null;
      readonly versions?: Readonly<Record<string, string>>;
    };

/** One training of one side; seconds are null where the target was not reached. */
export interface Race {
  readonly side: string;
  readonly seed: number;
  /** From the start of the process to the end of the first epoch that reached the target, validation included. */
  readonly secondsFromStart: number | null;
  /** The same from the end of the first step on: without starting, loading and compiling. */
  readonly secondsFromFirstStep: number | null;
  /** Epochs until then. */
  readonly epochs: number | null;
  readonly valAccuracies: readonly number[];
  /** Of the finished training. */
  readonly validation: number | null;
  readonly test: number | null;
  readonly versions: Readonly<Record<string, string>>;
}

/** What is run, for {@link race}. */
export interface Runner {
  readonly side: string;
  readonly seed: number;
  readonly command: readonly [string, ...string[]];
  readonly target: number;
}

/** Runs a training to its end and takes the times at which its lines arrive. @throws InputError when it fails */
export async function race({ side, seed, command, target }: Runner): Promise<Race> {
  const [program, ...args] = command;
  const begin = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-2000)));
  const lines: (AccuracyLine & { readonly at: number })[] = [];
  for await (const line of createInterface({ input: child.stdout }))
    lines.push({ ...(JSON.parse(line) as AccuracyLine), at: (performance.now() - begin) / 1000 });
  const code = await ended;
  const found = raceOf({ side, seed, target }, lines);
  if (code === 0 && found !== undefined) return found;
  const received = `an early end (${complaints.trim().split('\n').at(-1) ?? ''})`;
  throw new InputError({ where: side, received, expected: 'a training to its end' });
}

/** A race from the lines of a side; undefined when the training did not end. */
export function raceOf(
  { side, seed, target }: Pick<Runner, 'side' | 'seed' | 'target'>,
  lines: readonly (AccuracyLine & { readonly at: number })[],
): Race | undefined {
  const done = lines.find((line) => line.event === 'done');
  if (done === undefined) return undefined;
  const epochs = lines.filter((line) => line.event === 'epoch');
  const first = lines.find((line) => line.event === 'step')?.at ?? 0;
  const reached = epochs.find(({ valAccuracy }) => valAccuracy >= target);
  return {
    ...{ side, seed, validation: done.validation, test: done.test, versions: done.versions ?? {} },
    secondsFromStart: reached?.at ?? null,
    secondsFromFirstStep: reached === undefined ? null : reached.at - first,
    epochs: reached?.epoch ?? null,
    valAccuracies: epochs.map(({ valAccuracy }) => valAccuracy),
  };
}

/** The middle of several times, of which null is the longest; null where it is one of those. */
export function medianTime(seconds: readonly (number | null)[]): number | null {
  const middle = median(seconds.map((value) => value ?? Infinity));
  return Number.isFinite(middle) ? middle : null;
}
