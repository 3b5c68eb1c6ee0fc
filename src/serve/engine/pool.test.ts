import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import { afterAll, describe, expect, it, vi } from 'vitest';

import { Pool } from './pool.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-pool-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Answers with its thread's number; the model "crash" ends the thread, "silent" gets no answer. */
const WORKER = `
import { parentPort, threadId } from 'node:worker_threads';
parentPort.on('message', ({ kind, job }) => {
  if (kind === 'close') return parentPort.close();
  if (kind !== 'answer' || job.model === 'silent') return;
  if (job.model === 'crash') process.exit(3);
  const results = [{ width: threadId, height: job.pictures[0].bytes.length, faces: [] }];
  parentPort.postMessage({ kind: 'result', id: job.id, results });
});
parentPort.postMessage({ kind: 'ready' });
`;

function open(threads: number, onCrash?: (error: Error) => void): Promise<Pool> {
  const file = join(folder, 'worker.mjs');
  writeFileSync(file, WORKER);
  const settings = { models: [], maxPixels: 1, batchWait: 0, sessionThreads: 1 };
  const hooks = { workerUrl: pathToFileURL(file), ...(onCrash === undefined ? {} : { onCrash }) };
  return Pool.open(settings, threads, hooks);
}

/** A view into a larger memory: only its own bytes may travel. */
const picture = { bytes: new Uint8Array(1000).subarray(10, 17), where: 'p' };
const job = (id: number, model = 'toy') => ({ id, model, detect: false, pictures: [picture] });

describe('Pool', () => {
  it('gives a job to the thread with the least to do', async () => {
    const pool = await open(2);
    const results = await Promise.all([1, 2].map((id) => pool.answer(job(id))));
    const threads = results.map(([result]) => (result as { width: number }).width);
    expect(new Set(threads).size).toBe(2);
    expect(results[0]?.[0]).toMatchObject({ height: 7 });
    expect(picture.bytes.length).toBe(7);
    await pool.close();
  });

  it('rejects with the reason of an abort', async () => {
    const pool = await open(1);
    const abort = new AbortController();
    const answer = pool.answer(job(1, 'silent'), abort.signal);
    abort.abort(new Error('too late'));
    await expect(answer).rejects.toThrow('too late');
    await expect(pool.answer(job(2), AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
    expect(await pool.answer(job(3))).toHaveLength(1);
    await pool.close();
  });

  it('rejects the jobs of a thread that ends, and does not start one again that ends at once', async () => {
    const crashes: string[] = [];
    const pool = await open(2, ({ message }) => crashes.push(message));
    await expect(pool.answer(job(1, 'crash'))).rejects.toThrow('engine thread: received its end with code 3');
    expect([pool.size, crashes.length]).toEqual([1, 1]);
    expect(await pool.answer(job(2))).toHaveLength(1);
    await expect(pool.answer(job(3, 'crash'))).rejects.toThrow('code 3');
    expect(pool.size).toBe(0);
    await expect(pool.answer(job(4))).rejects.toThrow('no engine thread is left');
    await pool.close();
  });

  it('keeps no thread that was started again while it was closed', async () => {
    const pool = await open(1);
    // As if the thread had worked for a while, so that it is started again.
    const later = performance.now() + 60_000;
    vi.spyOn(performance, 'now').mockReturnValue(later);
    await expect(pool.answer(job(1, 'crash'))).rejects.toThrow('code 3');
    await pool.close();
    vi.restoreAllMocks();
    await pause(1500);
    expect(pool.size).toBe(0);
  });
});
