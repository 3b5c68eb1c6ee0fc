import { parentPort, workerData } from 'node:worker_threads';

import { messageOf } from '../../core/errors.js';
import { ortNode } from '../../runtime/node/ort.js';
import type { Job } from './job.js';
import type { EngineReply, EngineRequest, EngineThreadData } from './messages.js';
import { Replica } from './replica.js';

/** Entry of an engine thread; does nothing when the module is imported for another reason. */
const data = workerData as EngineThreadData | undefined;
if (data?.task === 'mien-serve') await serve(data);

async function serve({ settings }: EngineThreadData): Promise<void> {
  const onRun = (record: Extract<EngineReply, { kind: 'run' }>['record']) => reply({ kind: 'run', record });
  const replica = await Replica.open(ortNode(), settings, { onRun });
  const running = new Map<number, AbortController>();
  parentPort?.on('message', (request: EngineRequest) => {
    if (request.kind === 'answer') void answer(replica, request.job, running);
    else if (request.kind === 'cancel') running.get(request.id)?.abort();
    else void close(replica);
  });
  reply({ kind: 'ready' });
}

async function answer(replica: Replica, job: Job, running: Map<number, AbortController>): Promise<void> {
  const controller = new AbortController();
  running.set(job.id, controller);
  try {
    reply({ kind: 'result', id: job.id, results: await replica.answer(job, controller.signal) });
  } catch (error) {
    reply({ kind: 'failed', id: job.id, message: messageOf(error) });
  } finally {
    running.delete(job.id);
  }
}

async function close(replica: Replica): Promise<void> {
  await replica.close();
  reply({ kind: 'closed' });
  parentPort?.close();
}

function reply(message: EngineReply): void {
  parentPort?.postMessage(message);
}
