import { fork, type ChildProcess } from 'node:child_process';

import { InputError, type Problem } from '../../core/errors.js';
import type { JobEvent, JobHooks } from '../events.js';
import type { ThreadedTraining } from '../train-thread.js';

/** What a trial's process is told. */
export type TrialOrder =
  { readonly kind: 'train'; readonly training: ThreadedTraining } | { readonly kind: 'stop' };

/** What it says. */
export type TrialReply =
  | { readonly kind: 'event'; readonly event: JobEvent }
  | { readonly kind: 'done'; readonly finished: boolean }
  | { readonly kind: 'failed'; readonly problem: Problem | undefined; readonly stack: string };

/** Runs one training; resolves to whether it came to its end. */
export type RunTrial = (training: ThreadedTraining, hooks: JobHooks) => Promise<boolean>;

/**
 * Runs a training in a process of its own, which saves and ends when it is asked to stop or when this process is gone.
 * @throws InputError as a training does
 */
export const runInProcess: RunTrial = async (training, hooks) => {
  const child = fork(new URL('./trial-main.js', import.meta.url), ['mien-trial'], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const poll = setInterval(() => {
    if (hooks.shouldStop?.() !== true) return;
    clearInterval(poll);
    order(child, { kind: 'stop' });
  }, 100);
  try {
    return await outcomeOf(child, training, hooks);
  } finally {
    clearInterval(poll);
    if (child.connected) child.disconnect();
  }
};

function order(child: ChildProcess, message: TrialOrder): void {
  // A process that has just ended cannot be told anything; its end is reported where it is waited for.
  if (child.connected) child.send(message, () => undefined);
}

function outcomeOf(child: ChildProcess, training: ThreadedTraining, hooks: JobHooks): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let complaints = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaints = (complaints + text).slice(-2000);
    });
    child.on('message', (reply: TrialReply) => {
      if (reply.kind === 'event') hooks.onEvent?.(reply.event);
      else if (reply.kind === 'done') resolve(reply.finished);
      else reject(reply.problem === undefined ? new Error(reply.stack) : new InputError(reply.problem));
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      const last = complaints.trim().split('\n').at(-1) ?? '';
      reject(new Error(`the trial's process ended with ${signal ?? `code ${String(code)}`} ${last}`.trim()));
    });
    order(child, { kind: 'train', training });
  });
}
