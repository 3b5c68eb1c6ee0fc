import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { InputError, messageOf } from '../../core/errors.js';
import { writeFileAtomic } from '../../core/files.js';
import type { SweepFile } from './plan.js';
import type { Values } from './space.js';

/** Where a trial stands. `running` in a file that nobody works on means: interrupted. */
export type TrialStatus = 'waiting' | 'running' | 'paused' | 'finished' | 'failed';

/** What is known of a trial. */
export interface TrialState {
  readonly status: TrialStatus;
  readonly values: Values;
  /** The metric at each rung that it reached. */
  readonly reached: readonly number[];
  /** Rung to which it is on its way. */
  readonly target?: number;
  /** Why it failed. */
  readonly reason?: string;
}

/** A sweep's file of what was done, by trial number; one per shard. */
export interface SweepState {
  readonly version: 1;
  readonly file: SweepFile;
  readonly trials: Readonly<Record<number, TrialState>>;
}

/** Which trials one of several machines does: those whose number leaves the rest `part - 1` when divided by `of`. */
export interface Shard {
  readonly part: number;
  readonly of: number;
}

const WHOLE: Shard = { part: 1, of: 1 };

/** Path of the state file. */
export function statePath(out: string, { part, of }: Shard = WHOLE): string {
  return join(out, of === 1 ? 'state.json' : `state-${part}-of-${of}.json`);
}

/** Reads the state of an earlier call, none where there is none. @throws InputError when it is of another sweep */
export function readState(path: string, file: SweepFile): Map<number, TrialState> {
  if (!existsSync(path)) return new Map();
  const state = parseState(path);
  const field = differing(state.file, file);
  if (field === undefined)
    return new Map(Object.entries(state.trials).map(([index, trial]) => [Number(index), trial]));
  throw new InputError({
    where: path,
    received: `a sweep with another ${field}`,
    expected: 'the state of this sweep',
    remedy: 'choose another --out, or remove the folder',
  });
}

/** What all machines have done: every state file in the folder. @throws InputError when one is of another sweep */
export function readAllStates(out: string, file: SweepFile): Map<number, TrialState> {
  const names = existsSync(out)
    ? readdirSync(out).filter((name) => /^state(-\d+-of-\d+)?\.json$/.test(name))
    : [];
  return new Map(names.sort().flatMap((name) => [...readState(join(out, name), file)]));
}

/** Writes the state, atomically. */
export function writeState(path: string, file: SweepFile, trials: ReadonlyMap<number, TrialState>): void {
  const state: SweepState = { version: 1, file, trials: Object.fromEntries(trials) };
  writeFileAtomic(path, `${JSON.stringify(state, null, 1)}\n`);
}

function parseState(path: string): SweepState {
  try {
    const state = JSON.parse(readFileSync(path, 'utf8')) as Partial<SweepState> | null;
    if (state?.version === 1 && state.file !== undefined && state.trials !== undefined)
      return state as SweepState;
  } catch (error) {
    const received = `"${messageOf(error)}"`;
    throw new InputError({ where: path, received, expected: "a sweep's state" }, { cause: error });
  }
  throw new InputError({ where: path, received: 'other content', expected: "a sweep's state" });
}

/** The first field that decides about trials and differs; drawn trials may become more, and places may change. */
function differing(before: SweepFile, now: SweepFile): string | undefined {
  const free = ['data', 'out', 'workers', 'trials'];
  // Written and read again, so that fields without a value are gone on both sides.
  const [a, b] = [before, now].map((file) => JSON.parse(JSON.stringify(file)) as Record<string, unknown>);
  const names = [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])];
  const ordered = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : value);
  return names.find(
    (name) => !free.includes(name) && !isDeepStrictEqual(ordered(a?.[name]), ordered(b?.[name])),
  );
}
