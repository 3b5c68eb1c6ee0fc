import { setTimeout as pause } from 'node:timers/promises';

import { UsageError } from '../src/core/errors.js';
import type { Turn } from './comparison.js';
import { progress, type Settings } from './options.js';
import type { Peer } from './peers.js';
import type { Repeatable } from './stepper.js';

/** Steps at the start of a turn that are not counted: caches and thread pools wake up. */
const WARM_UP = 2;
/** Milliseconds in which the spinning threads of the side before come to rest. */
const REST = 150;

/** One kind of work that all sides do. */
export interface Contest {
  readonly name: string;
  /** What the peers call it. */
  readonly work: string;
  /** Mien's side of it. */
  compile(): Promise<Repeatable>;
}

/** Case by case: in every round Mien, then each peer. Only one session is alive, as in a training. */
export async function takeTurns(
  contests: readonly Contest[],
  peers: readonly Peer[],
  settings: Settings,
): Promise<Turn[]> {
  const [rounds, steps] = [settings.count('rounds'), settings.count('steps')];
  const turns: Turn[] = [];
  for (const contest of contests) {
    const own = await contest.compile();
    // Round 0 is for the graph compilers and memory pools of all sides.
    for (let round = 0; round <= rounds; round++) {
      progress(`${contest.name}: ${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}`);
      const done = await oneRound(contest, own, peers, round === 0 ? 1 : steps);
      if (round > 0) turns.push(...done.map((turn) => ({ ...turn, round })));
    }
    await own.close();
  }
  return turns;
}

async function oneRound(
  { name, work }: Contest,
  own: Repeatable,
  peers: readonly Peer[],
  steps: number,
): Promise<Omit<Turn, 'round'>[]> {
  const all = steps + WARM_UP;
  await pause(REST);
  const turns = [{ case: name, side: 'mien', ms: (await timed(own, all)).slice(WARM_UP) }];
  for (const peer of peers) {
    await pause(REST);
    turns.push({ case: name, side: peer.name, ms: (await peer.run(work, all)).slice(WARM_UP) });
  }
  return turns;
}

async function timed(stepper: Repeatable, steps: number): Promise<number[]> {
  const milliseconds: number[] = [];
  for (let i = 0; i < steps; i++) {
    const start = performance.now();
    await stepper.once();
    milliseconds.push(performance.now() - start);
  }
  return milliseconds;
}

/** Names from a comma-separated option. @throws UsageError for one that does not exist */
export function chosen<Name extends string>(
  settings: Settings,
  option: string,
  known: readonly Name[],
): Name[] {
  const names = (settings.text(option) ?? '').split(',').filter((name) => name !== '');
  const unknown = names.find((name) => !known.some((one) => one === name));
  if (unknown === undefined) return known.filter((name) => names.includes(name));
  throw new UsageError({ where: `--${option}`, received: `"${unknown}"`, expected: known.join(', ') });
}

/** Today, e.g. 2026-01-31. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
