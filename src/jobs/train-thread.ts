import { Worker } from 'node:worker_threads';

import type { MienError } from '../core/errors.js';
import { InputError } from '../core/errors.js';
import type { WeightSearch } from '../models/weights/load.js';
import type { JobEvent, JobHooks } from './events.js';
import type { TrainSettings, Versions } from './settings.js';
import type { TrainOutcome } from './train-job.js';

/** A training as plain data, for a thread of its own. */
export interface ThreadedTraining {
  readonly settings?: TrainSettings;
  readonly versions: Pick<Versions, 'mien' | 'node'>;
  readonly out: string;
  readonly resume?: boolean;
  readonly cacheDir?: string;
  /** Stops and saves after so many epochs of all stages together. */
  readonly untilEpoch?: number;
  /** Whether the test part is measured; default true. */
  readonly test?: boolean;
  /** Threads of the engine; default all of the machine. */
  readonly threads?: number;
  readonly weightSearch: WeightSearch;
}

/** What the thread is started with. */
export interface TrainThreadData {
  readonly task: 'mien-train';
  readonly training: ThreadedTraining;
  /** One shared int: 1 asks the training to stop. */
  readonly stop: SharedArrayBuffer;
}

/** What the thread says. */
export type TrainThreadReply =
  | { readonly kind: 'event'; readonly event: JobEvent }
  | { readonly kind: 'done'; readonly outcome: TrainOutcome }
  | { readonly kind: 'failed'; readonly problem: MienError['problem'] | undefined; readonly stack: string };

/**
 * Runs a training job in a worker thread: native steps block the thread that runs them, and the caller's
 * must stay alive for progress and Ctrl-C.
 *
 * @throws InputError as {@link trainJob}
 */
export async function trainInThread(training: ThreadedTraining, hooks: JobHooks = {}): Promise<TrainOutcome> {
  const stop = new SharedArrayBuffer(4);
  const data: TrainThreadData = { task: 'mien-train', training, stop };
  const worker = new Worker(new URL('./train-worker.js', import.meta.url), { workerData: data });
  const poll = setInterval(() => {
    if (hooks.shouldStop?.() === true) Atomics.store(new Int32Array(stop), 0, 1);
  }, 100);
  try {
    return await outcomeOf(worker, hooks);
  } finally {
    clearInterval(poll);
    await worker.terminate();
  }
}

function outcomeOf(worker: Worker, hooks: JobHooks): Promise<TrainOutcome> {
  return new Promise((resolve, reject) => {
    worker.on('message', (reply: TrainThreadReply) => {
      if (reply.kind === 'event') hooks.onEvent?.(reply.event);
      else if (reply.kind === 'done') resolve(reply.outcome);
      else reject(failureOf(reply));
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`the training thread ended with code ${code}`)));
  });
}

function failureOf({ problem, stack }: Extract<TrainThreadReply, { kind: 'failed' }>): Error {
  if (problem === undefined) return new Error(stack);
  const error = new InputError(problem);
  error.stack = stack;
  return error;
}
