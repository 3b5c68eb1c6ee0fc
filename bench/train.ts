import { setTimeout as pause } from 'node:timers/promises';

import { UsageError } from '../src/core/errors.js';
import { CASES, SIZES, type Case } from './cases.js';
import { comparisonTable, reportOf, type Comparison, type Turn } from './comparison.js';
import { cpuName, lookAtMachine, ownVersions } from './machine.js';
import { progress, runBench, type Settings } from './options.js';
import { findPython, PEERS, startPeer, type Peer, type PeerName } from './peers.js';
import { compileCase, kernelsOf, type Machine, type Repeatable } from './stepper.js';

const DESCRIPTION = `Times training steps of MobileNetV3-Small against PyTorch and Keras on the same cores, in turns.
Batch ${SIZES.batch}, ${SIZES.size}×${SIZES.size} RGB, float32; only one side computes at a time.`;

const CASE_NAMES = CASES.map(({ name }) => name);
const PEER_NAMES = Object.keys(PEERS) as PeerName[];

const OPTIONS = {
  python: { help: 'Python that has the peers; else MIEN_PYTHON, else python3' },
  peers: { help: 'comma-separated', default: PEER_NAMES.join(',') },
  cases: { help: 'comma-separated', default: CASE_NAMES.join(',') },
  rounds: { help: 'turns of every side', default: '7' },
  steps: { help: 'measured steps in a turn', default: '8' },
  threads: { help: 'threads of every side', default: '2' },
};

/** Steps at the start of a turn that are not counted: caches and thread pools wake up. */
const WARM_UP = 2;
/** Milliseconds in which the spinning threads of the side before come to rest. */
const REST = 150;

await runBench(DESCRIPTION, OPTIONS, async (settings) => {
  const comparison = await compare(settings);
  return { json: reportOf(comparison), text: comparisonTable(comparison) };
});

async function compare(settings: Settings): Promise<Comparison> {
  const threads = settings.count('threads');
  const names = chosen(settings, 'peers', PEER_NAMES);
  const wanted = chosen(settings, 'cases', CASE_NAMES);
  const cases = CASES.filter(({ name }) => wanted.includes(name));
  const python = findPython(settings.text('python') ?? process.env['MIEN_PYTHON'], names);
  const machine = await lookAtMachine(threads);
  const peers: Peer[] = [];
  try {
    for (const name of names) peers.push(await startPeer(name, python, threads));
    const turns = await takeTurns(machine, cases, peers, settings);
    const versions = Object.assign(ownVersions(machine), ...peers.map((peer) => peer.versions)) as Record<
      string,
      string
    >;
    const kernels = new Map(cases.map((measured) => [measured.name, kernelsOf(machine, measured).kind]));
    return { cpu: cpuName(), threads, versions, date: today(), cases, peers: names, kernels, turns };
  } finally {
    for (const peer of peers) peer.close();
  }
}

/** Case by case: in every round Mien, then each peer. Only one session is alive, as in a training. */
async function takeTurns(
  machine: Machine,
  cases: readonly Case[],
  peers: readonly Peer[],
  settings: Settings,
): Promise<Turn[]> {
  const [rounds, steps] = [settings.count('rounds'), settings.count('steps')];
  const turns: Turn[] = [];
  for (const measured of cases) {
    const own = await compileCase(machine, measured);
    // Round 0 is for the graph compilers and memory pools of all sides.
    for (let round = 0; round <= rounds; round++) {
      progress(`${measured.name}: ${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}`);
      const done = await oneRound(measured, own, peers, round === 0 ? 1 : steps);
      if (round > 0) turns.push(...done.map((turn) => ({ ...turn, round })));
    }
    await own.close();
  }
  return turns;
}

async function oneRound(
  { name, work }: Case,
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
function chosen<Name extends string>(settings: Settings, option: string, known: readonly Name[]): Name[] {
  const names = (settings.text(option) ?? '').split(',').filter((name) => name !== '');
  const unknown = names.find((name) => !known.some((one) => one === name));
  if (unknown === undefined) return known.filter((name) => names.includes(name));
  throw new UsageError({ where: `--${option}`, received: `"${unknown}"`, expected: known.join(', ') });
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
