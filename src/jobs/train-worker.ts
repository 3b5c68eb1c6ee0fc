import { parentPort, workerData } from 'node:worker_threads';

import { MienError } from '../core/errors.js';
import { prefetchBatches } from '../data/prefetch.js';
import { ortNode } from '../runtime/node/ort.js';
import { trainJob, type TrainOutcome } from './train-job.js';
import type { TrainThreadData, TrainThreadReply } from './train-thread.js';

/** Entry of the training thread; does nothing when the module is imported for another reason. */
const data = workerData as TrainThreadData | undefined;
if (data?.task === 'mien-train') await serve(data);

async function serve({ training, stop }: TrainThreadData): Promise<void> {
  const flag = new Int32Array(stop);
  try {
    const outcome = await run(training, () => Atomics.load(flag, 0) === 1);
    reply({ kind: 'done', outcome });
  } catch (error) {
    const problem = error instanceof MienError ? error.problem : undefined;
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    reply({ kind: 'failed', problem, stack });
  }
}

function run(training: TrainThreadData['training'], shouldStop: () => boolean): Promise<TrainOutcome> {
  const { settings, versions, threads, ...rest } = training;
  const runtime = ortNode(threads === undefined ? {} : { threads });
  const environment = {
    ...rest,
    runtime,
    versions: { ...versions, runtime: runtime.name },
    openBatches: prefetchBatches,
  };
  return trainJob(settings, environment, { shouldStop, onEvent: (event) => reply({ kind: 'event', event }) });
}

function reply(message: TrainThreadReply): void {
  parentPort?.postMessage(message);
}
