import { InputError } from '../core/errors.js';
import { foreign } from './pixel-reader.js';
import { fromFailure, type Numbered, type Reply, type Request } from './messages.js';

/** What is used of a worker. */
export interface WorkerLike {
  postMessage(message: Numbered, transfer: Transferable[]): void;
  addEventListener(type: 'message' | 'error' | 'messageerror', listener: (event: Event) => void): void;
  terminate(): void;
}

interface Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Calls into a worker, each with its answer. */
export class Remote {
  private readonly calls = new Map<number, Call>();
  private count = 0;
  private ended: Error | undefined;

  constructor(private readonly worker: WorkerLike) {
    worker.addEventListener('message', (event) => this.settle((event as MessageEvent<Reply>).data));
    worker.addEventListener('error', (event) => this.end(brokenWorker(event)));
  }

  /** @throws Error what the worker reports; an error of the end when it has ended */
  call(request: Request, transfer: Transferable[] = []): Promise<unknown> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    const id = this.count++;
    return new Promise((resolve, reject) => {
      this.calls.set(id, { resolve, reject });
      try {
        this.worker.postMessage({ id, request }, transfer);
      } catch (error) {
        // Bitmaps of other sites are not let through.
        this.calls.delete(id);
        reject(foreign(error));
      }
    });
  }

  /** Ends the worker; calls without an answer fail with `reason`. */
  end(reason: Error): void {
    this.ended ??= reason;
    this.worker.terminate();
    for (const { reject } of this.calls.values()) reject(this.ended);
    this.calls.clear();
  }

  private settle(reply: Reply): void {
    const call = this.calls.get(reply.id);
    this.calls.delete(reply.id);
    if ('error' in reply) call?.reject(fromFailure(reply.error));
    else call?.resolve(reply.value);
  }
}

function brokenWorker(event: Event): InputError {
  const { message = '', filename = '' } = event as Partial<ErrorEvent>;
  return new InputError({
    where: 'mienjs/web',
    received: `a worker that does not run (${[message, filename].filter(Boolean).join(', ') || 'its script did not load'})`,
    expected: "the package's worker file beside its module",
    remedy: 'see "Workers" in docs/web.md',
  });
}
