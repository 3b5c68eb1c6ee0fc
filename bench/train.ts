import { CASES, SIZES } from './cases.js';
import { comparisonTable, reportOf, type Comparison } from './comparison.js';
import { cpuName, lookAtMachine, ownVersions } from './machine.js';
import { runBench, type Settings } from './options.js';
import { findPython, startPeer, type Peer, type PeerName } from './peers.js';
import { compileCase, kernelsOf } from './stepper.js';
import { chosen, takeTurns, today } from './turns.js';

const DESCRIPTION = `Times training steps of MobileNetV3-Small against PyTorch and Keras on the same cores, in turns.
Batch ${SIZES.batch}, ${SIZES.size}×${SIZES.size} RGB, float32; only one side computes at a time.`;

const CASE_NAMES = CASES.map(({ name }) => name);
const PEER_NAMES = ['torch', 'keras'] as const satisfies readonly PeerName[];

const OPTIONS = {
  python: { help: 'Python that has the peers; else MIEN_PYTHON, else python3' },
  peers: { help: 'comma-separated', default: PEER_NAMES.join(',') },
  cases: { help: 'comma-separated', default: CASE_NAMES.join(',') },
  rounds: { help: 'turns of every side', default: '7' },
  steps: { help: 'measured steps in a turn', default: '8' },
  threads: { help: 'threads of every side', default: '2' },
};

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
    const contests = cases.map((measured) => ({
      name: measured.name,
      work: measured.work,
      compile: () => compileCase(machine, measured),
    }));
    const turns = await takeTurns(contests, peers, settings);
    const versions = Object.assign(ownVersions(machine), ...peers.map((peer) => peer.versions)) as Record<
      string,
      string
    >;
    const kernels = new Map(cases.map((measured) => [measured.name, kernelsOf(machine, measured).kind]));
    return {
      cpu: cpuName(),
      threads,
      versions,
      date: today(),
      cases,
      peers: names,
      judge: 'torch',
      kernels,
      turns,
    };
  } finally {
    for (const peer of peers) peer.close();
  }
}
