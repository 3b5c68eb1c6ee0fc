import type { LoadOptions } from './options.js';
import type { WorkerLike } from './remote.js';

/**
 * Starts the worker that fits the options. Bundlers find the files by these very expressions, so that each must be
 * written out.
 */
export function startWorker({ worker, onnxruntime, device }: LoadOptions): WorkerLike {
  if (worker !== undefined) return worker();
  if (onnxruntime !== undefined)
    return new Worker(new URL('./worker-url.js', import.meta.url), { type: 'module', name: 'mien' });
  if (device === 'webgpu')
    return new Worker(new URL('./worker-webgpu.js', import.meta.url), { type: 'module', name: 'mien' });
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'mien' });
}
