import { Worker } from 'node:worker_threads';
import { checkInteger } from '../core/checks.js';
import { GraphError, MienError } from '../core/errors.js';
import type { BatchWorkerData, BatchWorkerReply } from './batch-worker.js';
import { type BatchPlan, createBatchMaker } from './batches.js';
import { type Batch, type BatchShape, allocateBatch, batchShape } from './batches-layout.js';
import type { ImageSet } from './images.js';
import {
  type Slots,
  closeSlots,
  createSlots,
  failSlots,
  openSlots,
  restoreFailure,
  tryTake,
  waitWhileFree,
  waitWhileFreeAsync,
} from './prefetch-slots.js';

/** An endless run of training batches, epoch after epoch. */
export interface BatchSource {
  readonly batchesPerEpoch: number;
  /** The next batch; blocks the calling thread until it is ready, so call it from a worker thread. */
  take(): Batch;
  /** The next batch, without blocking. Only one call at a time. */
  next(): Promise<Batch>;
  /** Gives a batch back for reuse: its arrays are overwritten from then on. A batch may also simply be kept. */
  recycle(batch: Batch): void;
  /** Stops the source. */
  close(): Promise<void>;
}

/** Where a source begins and how far ahead it works. */
export interface PrefetchOptions {
  /** First batch to deliver; default epoch 0, batch 0. */
  readonly start?: { readonly epoch: number; readonly batch: number };
  /** Batches made ahead; default 4. */
  readonly depth?: number;
  /** Compiled `batch-worker.js`, when it does not lie beside this module. */
  readonly workerUrl?: URL;
  /** Seconds to wait for one batch before giving up; default 120. */
  readonly timeout?: number;
}

/** The same images with their pixels in shared memory: copied once, or returned as they are if they lie there. */
export function shareImages(images: ImageSet): ImageSet {
  if (images.pixels.buffer instanceof SharedArrayBuffer) return images;
  const pixels = new Uint8Array(new SharedArrayBuffer(images.pixels.length));
  pixels.set(images.pixels);
  return { ...images, pixels };
}

/**
 * Makes batches ahead in a worker thread; bit for bit those of {@link createBatchMaker}.
 *
 * Pixels and batches cross by shared memory and without the event loop, so that the hand-over works while the
 * consumer's thread spends its time inside native steps. What is delivered lies in plain memory, since
 * onnxruntime-node refuses shared memory as input. Close the source when done: its worker keeps the process
 * alive.
 * @throws InputError when the plan does not fit the images; MienError when the worker cannot start.
 *
 * @example
 * const source = await prefetchBatches(shareImages(images), plan, { start: { epoch: 3, batch: 0 } });
 * const batch = source.take();
 * await step(batch);
 * source.recycle(batch);
 * await source.close();
 */
export async function prefetchBatches(
  images: ImageSet,
  plan: BatchPlan,
  options: PrefetchOptions = {},
): Promise<BatchSource> {
  const { start = { epoch: 0, batch: 0 }, depth = 4, timeout = 120 } = options;
  checkInteger('batch size', plan.batchSize, 1);
  const memory = createSlots(batchShape(images, plan.batchSize), checkInteger('depth', depth, 1, 1024));
  // File names are not needed for batches, and cloning many of them is slow.
  const shared = { ...shareImages(images), names: [] };
  const data: BatchWorkerData = { task: 'mien-batches', images: shared, plan, start, slots: memory };
  const url = options.workerUrl ?? new URL('./batch-worker.js', import.meta.url);
  const worker = new Worker(url, { workerData: data, name: 'mien-batches' });
  const slots = openSlots(memory);
  const pool = createPool(memory.shape);
  await begun(worker);
  // Without this listener a crash of the worker would end the whole process.
  worker.on('error', (error) => failSlots(slots, error));
  const batchesPerEpoch = Math.floor(plan.indices.length / plan.batchSize);
  return sourceOver(slots, pool, batchesPerEpoch, timeout, () => worker.terminate());
}

/**
 * The same batches made in the calling thread, when they are asked for.
 * @throws InputError when the plan does not fit the images.
 */
export function inlineBatches(
  images: ImageSet,
  plan: BatchPlan,
  { start = { epoch: 0, batch: 0 } }: Pick<PrefetchOptions, 'start'> = {},
): BatchSource {
  const maker = createBatchMaker(images, plan);
  const pool = createPool(maker.shape);
  let { epoch, batch } = start;
  const take = () => {
    const made = maker.make(epoch, batch, pool.get());
    batch = (batch + 1) % maker.batchesPerEpoch;
    if (batch === 0) epoch++;
    return made;
  };
  return {
    batchesPerEpoch: maker.batchesPerEpoch,
    take,
    next: async () => Promise.resolve(take()),
    recycle: (used) => pool.put(used),
    close: () => Promise.resolve(),
  };
}

/** Resolves when the worker has read its plan; rejects with its error. */
async function begun(worker: Worker): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      worker.once('error', (error) => reject(cannotStart(error.message)));
      worker.once('exit', (code) => reject(cannotStart(`exit code ${code}`)));
      worker.once('message', ({ failure }: BatchWorkerReply) => {
        if (failure === undefined) resolve();
        else reject(restoreFailure(failure));
      });
    });
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

function cannotStart(received: string): MienError {
  return new MienError({ where: 'batch worker', received, expected: 'a worker thread that starts' });
}

/** Batches in plain memory that wait to be used again. */
interface Pool {
  get(): Batch;
  put(batch: Batch): void;
}

function createPool(shape: BatchShape): Pool {
  const spare: Batch[] = [];
  return {
    get: () => spare.pop() ?? allocateBatch(shape),
    put(batch) {
      if (spare.includes(batch)) {
        const received = 'a batch that was already recycled';
        throw new GraphError({ where: 'recycle', received, expected: 'a batch in use' });
      }
      spare.push(batch);
    },
  };
}

function sourceOver(
  slots: Slots,
  pool: Pool,
  batchesPerEpoch: number,
  timeout: number,
  stop: () => Promise<unknown>,
): BatchSource {
  let slot = 0;
  const tryNext = (): Batch | undefined => {
    const batch = pool.get();
    if (tryTake(slots, slot, batch)) {
      slot = (slot + 1) % slots.batches.length;
      return batch;
    }
    pool.put(batch);
    return undefined;
  };
  return {
    batchesPerEpoch,
    take() {
      for (;;) {
        const batch = tryNext();
        if (batch !== undefined) return batch;
        if (!waitWhileFree(slots, slot, timeout)) throw lost(timeout);
      }
    },
    async next() {
      for (;;) {
        const batch = tryNext();
        if (batch !== undefined) return batch;
        if (!(await waitWhileFreeAsync(slots, slot, timeout))) throw lost(timeout);
      }
    },
    recycle: (batch) => pool.put(batch),
    async close() {
      closeSlots(slots);
      await stop();
    },
  };
}

function lost(timeout: number): MienError {
  const received = `no batch within ${timeout} s`;
  return new MienError({ where: 'batch worker', received, expected: 'a batch', remedy: 'start again' });
}
