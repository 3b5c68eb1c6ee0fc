import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

import { Network } from '../src/serve/engine/network.js';
import type { ServedModel } from '../src/serve/engine/served-model.js';
import { ortNode } from '../src/runtime/node/ort.js';

interface RawData {
  readonly task: 'bench-serve-raw';
  readonly model: ServedModel;
  readonly threads: number;
}

/** Sessions that run full batches as fast as they can, without decoding and without HTTP. */
export interface RawSessions {
  /** Faces in a second, of all threads together. */
  measure(seconds: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * One session in each of some threads.
 * @param threads of each session
 */
export async function rawSessions(
  model: ServedModel,
  workers: number,
  threads: number,
): Promise<RawSessions> {
  // Only the largest batch: its graph is the last.
  const largest = { ...model, graphs: model.graphs.slice(-1) };
  const data: RawData = { task: 'bench-serve-raw', model: largest, threads };
  const all = Array.from(
    { length: workers },
    () => new Worker(new URL(import.meta.url), { workerData: data }),
  );
  await Promise.all(all.map((worker) => once(worker, 'message')));
  return {
    async measure(seconds) {
      const counts = all.map(async (worker) => {
        const answer = once(worker, 'message') as Promise<[number]>;
        worker.postMessage(seconds);
        return (await answer)[0];
      });
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    },
    async close() {
      await Promise.all(all.map((worker) => worker.terminate()));
    },
  };
}

async function work({ model, threads }: RawData): Promise<void> {
  const network = await Network.open(ortNode(), model, threads);
  const [channels, height, width] = model.pictureShape;
  const face = Float32Array.from({ length: channels * height * width }, (_, i) => (i * 37) % 256);
  const faces = Array.from({ length: network.maxBatch }, () => face);
  parentPort?.on('message', (seconds: number) => void run(network, faces, seconds));
  parentPort?.postMessage('ready');
}

async function run(network: Network, faces: readonly Float32Array[], seconds: number): Promise<void> {
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < seconds * 1000) {
    await network.classify(faces);
    count += faces.length;
  }
  parentPort?.postMessage((count * 1000) / (performance.now() - started));
}

const data = workerData as RawData | null;
if (!isMainThread && data?.task === 'bench-serve-raw') await work(data);
