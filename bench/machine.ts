import { cpus } from 'node:os';

import { blockProbeModel } from '../src/lower/probe-model.js';
import { ortNode } from '../src/runtime/node/ort.js';
import { probeBlock } from '../src/runtime/probe.js';
import type { Runtime } from '../src/runtime/session.js';
import type { Machine } from './stepper.js';

/** Looks at the machine once, so that all cases use the same kernels. */
export async function lookAtMachine(threads: number): Promise<Machine> {
  const runtime = withThreads(ortNode(), threads);
  return { runtime, block: await probeBlock(runtime, blockProbeModel()) };
}

/** The same engine; its sessions use so many threads. */
function withThreads(runtime: Runtime, threads: number): Runtime {
  return {
    name: runtime.name,
    createSession: (model, options) => runtime.createSession(model, { threads, ...options }),
  };
}

/** The processor's own name and how many of its threads the machine has. */
export function cpuName(): string {
  const all = cpus();
  return `${all[0]?.model.trim() ?? 'unknown'} × ${all.length}`;
}

/** Versions of Mien's side. */
export function ownVersions({ runtime }: Machine): Record<string, string> {
  const [name = '', version = ''] = runtime.name.split(' ');
  return { node: process.versions.node, [name]: version };
}
