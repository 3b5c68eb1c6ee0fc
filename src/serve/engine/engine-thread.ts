import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { messageOf, MienError } from '../../core/errors.js';
import type { Engine, Job, PictureResult, RunRecord } from './job.js';
import type { EngineReply, EngineRequest, EngineThreadData } from './messages.js';
import type { ReplicaSettings } from './replica.js';

interface Pending {
  readonly resolve: (results: readonly PictureResult[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Events of an {@link EngineThread}. */
export interface ThreadHooks {
  readonly onRun?: ((record: RunRecord) => void) | undefined;
  /** The thread has ended by itself; its open jobs were rejected. */
  readonly onCrash?: (error: Error) => void;
}

/** A {@link Replica} in a thread of its own. */
export class EngineThread implements Engine {
  private readonly pending = new Map<number, Pending>();
  private closing = false;

  private constructor(
    private readonly worker: Worker,
    private readonly hooks: ThreadHooks,
  ) {}

  /**
   * Starts a thread and waits until its models are compiled.
   * @param url the compiled worker; its place differs between sources and build
   */
  static async open(
    settings: ReplicaSettings,
    hooks: ThreadHooks = {},
    url = workerUrl(),
  ): Promise<EngineThread> {
    const data: EngineThreadData = { task: 'mien-serve', settings };
    const worker = new Worker(url, { workerData: data, name: 'mien-serve' });
    const thread = new EngineThread(worker, hooks);
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', (code) => reject(ended(code)));
      worker.once('message', () => resolve());
    });
    thread.listen();
    return thread;
  }

  answer(job: Job, signal?: AbortSignal): Promise<readonly PictureResult[]> {
    return new Promise((resolve, reject) => {
      const abort = () => this.cancel(job.id, signal?.reason);
      const settle = () => signal?.removeEventListener('abort', abort);
      this.pending.set(job.id, {
        resolve: (results) => {
          settle();
          resolve(results);
        },
        reject: (error) => {
          settle();
          reject(error instanceof Error ? error : new Error(messageOf(error)));
        },
      });
      if (signal?.aborted === true) {
        abort();
        return;
      }
      signal?.addEventListener('abort', abort, { once: true });
      const pictures = job.pictures.map(({ bytes, where }) => ({ bytes: compact(bytes), where }));
      this.post({ kind: 'answer', job: { ...job, pictures } }, pictures);
    });
  }

  async close(): Promise<void> {
    if (this.closing) return;
    this.closing = true;
    const exit = once(this.worker, 'exit');
    this.post({ kind: 'close' });
    await exit;
  }

  private cancel(id: number, reason: unknown): void {
    this.post({ kind: 'cancel', id });
    this.take(id)?.reject(reason);
  }

  private post(
    request: EngineRequest,
    pictures: readonly { readonly bytes: Uint8Array<ArrayBuffer> }[] = [],
  ): void {
    this.worker.postMessage(
      request,
      pictures.map(({ bytes }) => bytes.buffer),
    );
  }

  private take(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    return pending;
  }

  private listen(): void {
    this.worker.removeAllListeners('error').removeAllListeners('exit');
    this.worker.on('message', (reply: EngineReply) => {
      if (reply.kind === 'result') this.take(reply.id)?.resolve(reply.results);
      else if (reply.kind === 'failed') this.take(reply.id)?.reject(new Error(reply.message));
      else if (reply.kind === 'run') this.hooks.onRun?.(reply.record);
    });
    let crash: Error | undefined;
    this.worker.on('error', (error: Error) => (crash = error));
    this.worker.on('exit', (code) => this.exited(crash ?? ended(code)));
  }

  private exited(error: Error): void {
    for (const id of [...this.pending.keys()]) this.take(id)?.reject(error);
    if (!this.closing) this.hooks.onCrash?.(error);
  }
}

/** The bytes alone in their memory, so that they travel without a copy of what lay around them. */
function compact(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function ended(code: number): MienError {
  return new MienError({
    where: 'engine thread',
    received: `its end with code ${code}`,
    expected: 'a thread that runs',
  });
}

function workerUrl(): URL {
  return new URL('./worker.js', import.meta.url);
}
