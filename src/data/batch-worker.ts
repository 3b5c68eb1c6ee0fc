import { type MessagePort, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { type BatchPlan, createBatchMaker } from './batches.js';
import type { ImageSet } from './images.js';
import {
  type Failure,
  type SlotMemory,
  describeFailure,
  failSlots,
  openSlots,
  publish,
  waitUntilFree,
} from './prefetch-slots.js';

/** What the batch worker is started with. */
export interface BatchWorkerData {
  readonly task: 'mien-batches';
  /** Images whose pixels lie in shared memory. */
  readonly images: ImageSet;
  readonly plan: BatchPlan;
  readonly start: { readonly epoch: number; readonly batch: number };
  readonly slots: SlotMemory;
}

/** The worker's only message: it has begun, or why it could not. */
export interface BatchWorkerReply {
  readonly failure?: Failure;
}

/** Makes batch after batch into the slots, epoch after epoch, until the ring is closed. */
export function produceBatches({ images, plan, start, slots }: BatchWorkerData, port: MessagePort): void {
  const ring = openSlots(slots);
  try {
    const maker = createBatchMaker(images, plan);
    port.postMessage({} satisfies BatchWorkerReply);
    let { epoch, batch } = start;
    for (let slot = 0; waitUntilFree(ring, slot); slot = (slot + 1) % ring.batches.length) {
      maker.make(epoch, batch, ring.batches[slot]);
      publish(ring, slot);
      batch = (batch + 1) % maker.batchesPerEpoch;
      if (batch === 0) epoch++;
    }
  } catch (thrown) {
    failSlots(ring, thrown);
    port.postMessage({ failure: describeFailure(thrown) } satisfies BatchWorkerReply);
  }
}

function isBatchTask(data: unknown): data is BatchWorkerData {
  return typeof data === 'object' && data !== null && 'task' in data && data.task === 'mien-batches';
}

// This module is a worker's entry point; imported anywhere else it does nothing.
if (!isMainThread && parentPort !== null && isBatchTask(workerData)) produceBatches(workerData, parentPort);
