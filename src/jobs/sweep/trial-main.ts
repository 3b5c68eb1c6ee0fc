import { MienError } from '../../core/errors.js';
import { trainInThread, type ThreadedTraining } from '../train-thread.js';
import type { TrialOrder, TrialReply } from './trial-process.js';

/** Entry of a trial's process; does nothing when the module is imported for another reason. */
if (process.argv[2] === 'mien-trial') listen();

function listen(): void {
  let stopped = false;
  // Ctrl-C reaches every process of a terminal; the sweep decides what it means.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => (stopped = true));
  process.on('message', (order: TrialOrder) => {
    if (order.kind === 'stop') stopped = true;
    else
      void serve(order.training, () => stopped).finally(() => {
        // Nothing more can be ordered; without the channel the process ends by itself.
        if (process.connected) process.disconnect();
      });
  });
}

async function serve(training: ThreadedTraining, shouldStop: () => boolean): Promise<void> {
  try {
    const { finished } = await trainInThread(training, {
      shouldStop,
      onEvent: (event) => {
        if (event.kind === 'epoch') void say({ kind: 'event', event });
      },
    });
    await say({ kind: 'done', finished });
  } catch (error) {
    const problem = error instanceof MienError ? error.problem : undefined;
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await say({ kind: 'failed', problem, stack });
  }
}

/** Resolves when the message is handed over, or nobody listens any more. */
function say(reply: TrialReply): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(reply, undefined, undefined, () => resolve());
  });
}
