import { afterEach, describe, expect, it } from 'vitest';
import { createRandom } from '../core/random.js';
import { defaultAugmentation } from './augment.js';
import { type Batch, type BatchPlan, allocateBatch, createBatchMaker } from './batches.js';
import type { ImageSet } from './images.js';
import { InputError } from '../core/errors.js';
import { createSlots, failSlots, openSlots, tryTake } from './prefetch-slots.js';
import {
  type BatchSource,
  type PrefetchOptions,
  inlineBatches,
  prefetchBatches,
  shareImages,
} from './prefetch.js';

// Workers run the compiled code: the test command builds before it tests.
const workerUrl = new URL('../../dist/src/data/batch-worker.js', import.meta.url);

function noiseImages(count: number, side = 16): ImageSet {
  const random = createRandom(2);
  return {
    classes: ['angry', 'happy'],
    height: side,
    width: side,
    channels: 1,
    pixels: Uint8Array.from({ length: count * side * side }, () => random.integer(256)),
    labels: Int32Array.from({ length: count }, (_, i) => i % 2),
    names: [],
  };
}

const images = noiseImages(21);
const plan: BatchPlan = {
  batchSize: 4,
  seed: 3,
  indices: Int32Array.from({ length: 21 }, (_, i) => i),
  classWeights: [1, 3],
  augmentation: defaultAugmentation,
  mixup: { alpha: 0.4 },
};

const opened: BatchSource[] = [];
async function open(options: PrefetchOptions = {}): Promise<BatchSource> {
  const source = await prefetchBatches(images, plan, { workerUrl, ...options });
  opened.push(source);
  return source;
}

afterEach(async () => {
  for (const source of opened.splice(0)) await source.close();
});

/** A batch in plain memory. */
function copyOf({ x, y, weight, count }: Batch): Batch {
  return { x: x.slice(), y: y.slice(), weight: weight.slice(), count };
}

describe('prefetchBatches', () => {
  it('delivers bit for bit what the calling thread would make, across epochs', async () => {
    const source = await open({ depth: 3 });
    const maker = createBatchMaker(images, plan);
    expect(source.batchesPerEpoch).toBe(5);
    for (let step = 0; step < 13; step++) {
      const batch = step % 2 === 0 ? source.take() : await source.next();
      expect(copyOf(batch)).toEqual(maker.make(Math.floor(step / 5), step % 5));
      source.recycle(batch);
    }
  });

  it('starts anywhere', async () => {
    const source = await open({ start: { epoch: 7, batch: 4 } });
    const maker = createBatchMaker(images, plan);
    expect(copyOf(source.take())).toEqual(maker.make(7, 4));
    expect(copyOf(source.take())).toEqual(maker.make(8, 0));
  });

  it('keeps a batch untouched until it is recycled, in plain memory', async () => {
    const source = await open({ depth: 1 });
    const first = source.take();
    const kept = copyOf(first);
    const second = source.take();
    source.recycle(second);
    expect(source.take()).toBe(second);
    expect(first).toEqual(kept);
    // onnxruntime-node refuses tensors in shared memory.
    expect(first.x.buffer).toBeInstanceOf(ArrayBuffer);
    source.recycle(first);
    expect(() => source.recycle(first)).toThrow(
      'recycle: received a batch that was already recycled, expected a batch in use.',
    );
  });

  it("passes on the worker's own error", async () => {
    const bad = prefetchBatches(images, { ...plan, indices: Int32Array.of(0, 1, 2, 99) }, { workerUrl });
    await expect(bad).rejects.toThrow('image index: received 99, expected an integer between 0 and 20.');
    await expect(bad).rejects.toBeInstanceOf(InputError);
  });

  it('passes on an error that comes in the middle', async () => {
    const start = { epoch: -1, batch: 0 };
    const source = await open({ start });
    const message = 'epoch: received -1, expected an integer of at least 0.';
    expect(() => source.take()).toThrow(message);
    await expect(source.next()).rejects.toThrow(message);
  });

  it('says so when the worker cannot start', async () => {
    const missing = new URL('./no-such-worker.js', workerUrl);
    await expect(open({ workerUrl: missing })).rejects.toThrow(/^batch worker: received Cannot find module/);
  });

  it('gives up when no batch comes', async () => {
    const silent = new URL(
      `data:text/javascript,${encodeURIComponent(
        "import { parentPort } from 'node:worker_threads'; parentPort.postMessage({}); parentPort.ref();" +
          'setTimeout(() => {}, 60000);',
      )}`,
    );
    const source = await open({ workerUrl: silent, timeout: 0.05 });
    const message = 'batch worker: received no batch within 0.05 s, expected a batch; start again.';
    expect(() => source.take()).toThrow(message);
    await expect(source.next()).rejects.toThrow(message);
  });

  it('ends with close', async () => {
    const source = await open();
    await source.close();
    expect(() => source.take()).toThrow(
      'batch source: received a call after close, expected an open source.',
    );
  });
});

describe('inlineBatches', () => {
  it('delivers the same batches and reuses recycled ones', async () => {
    const source = inlineBatches(images, plan, { start: { epoch: 1, batch: 4 } });
    const maker = createBatchMaker(images, plan);
    const first = source.take();
    expect(first).toEqual(maker.make(1, 4));
    source.recycle(first);
    expect(await source.next()).toBe(first);
    expect(first).toEqual(maker.make(2, 0));
    await source.close();
  });
});

describe('shareImages', () => {
  it('copies the pixels once', () => {
    const shared = shareImages(images);
    expect(shared.pixels.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(shared.pixels).toEqual(images.pixels);
    expect(shareImages(shared)).toBe(shared);
  });
});

describe('slots', () => {
  it('carry an error of any length', () => {
    const shape = { batchSize: 1, channels: 1, height: 2, width: 2, classes: 2 } as const;
    const slots = openSlots(createSlots(shape, 2));
    failSlots(slots, new RangeError('é'.repeat(9000)));
    expect(() => tryTake(slots, 0, allocateBatch(shape))).toThrow(/^batch worker: é{1000}$/);
  });
});
