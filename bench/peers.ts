import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { InputError } from '../src/core/errors.js';
import { SIZES } from './cases.js';
import { Conversation } from './conversation.js';
import { trainableConvolutions } from './net.js';

/** The programs that Mien is compared with. */
export const PEERS = {
  torch: { title: 'PyTorch', script: 'torch_steps.py', modules: ['torch', 'torchvision'] },
  keras: { title: 'Keras/TensorFlow', script: 'keras_steps.py', modules: ['keras', 'tensorflow'] },
  applications: { title: 'Keras/TensorFlow', script: 'keras_models.py', modules: ['keras', 'tensorflow'] },
} as const;

export type PeerName = keyof typeof PEERS;

/** A framework in its own process, idle unless asked. */
export interface Peer {
  readonly name: PeerName;
  readonly versions: Readonly<Record<string, string>>;
  /** Milliseconds of each of so many steps of a kind of work that the peer knows. */
  run(work: string, steps: number): Promise<readonly number[]>;
  close(): void;
}

/** Starts a peer. @throws InputError when this Python lacks the framework, or the program stops */
export async function startPeer(
  name: PeerName,
  python: string,
  threads: number,
  sizes: object = { ...SIZES, trainableConvolutions: trainableConvolutions() },
): Promise<Peer> {
  const script = fileURLToPath(new URL(`../../bench/peers/${PEERS[name].script}`, import.meta.url));
  const remedy = 'leave it out with --peers or give another --python';
  const conversation = new Conversation(PEERS[name].title, remedy, [python, '-u', script]);
  const answer = await conversation.ask<Answer>({ ...sizes, threads });
  return {
    name,
    versions: answer.versions ?? {},
    run: async (work, steps) => (await conversation.ask<Answer>({ case: work, steps })).ms ?? [],
    close: () => conversation.end(),
  };
}

/** The Python to use: the given one, else the first on the path that has the frameworks. */
export function findPython(given: string | undefined, names: readonly PeerName[]): string {
  const modules = names.flatMap((name) => PEERS[name].modules);
  const candidates = given === undefined ? ['python3', 'python'] : [given];
  const found = candidates.find((python) => hasModules(python, modules));
  if (found !== undefined) return found;
  throw new InputError({
    where: '--python',
    received: given === undefined ? 'none, and none on the path will do' : `"${given}"`,
    expected: `a Python that has ${modules.join(', ')}`,
    remedy:
      'install them beside the repository (pip install torch torchvision tensorflow), or choose with --peers',
  });
}

function hasModules(python: string, modules: readonly string[]): boolean {
  const code = `import importlib.util, sys; sys.exit(any(importlib.util.find_spec(m) is None for m in sys.argv[1:]))`;
  return spawnSync(python, ['-c', code, ...modules]).status === 0;
}

interface Answer {
  readonly versions?: Record<string, string>;
  readonly ms?: number[];
}
