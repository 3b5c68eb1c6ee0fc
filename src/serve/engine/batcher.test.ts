import { describe, expect, it } from 'vitest';

import { Batcher } from './batcher.js';
import { Limiter } from './limiter.js';

function batcherOf(options: { maxBatch: number; maxWait: number; moreComing?: () => boolean }) {
  const runs: number[][] = [];
  const run = async (items: readonly number[]) => {
    runs.push([...items]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (items.includes(13)) throw new Error('unlucky');
    return items.map((item) => item * 10);
  };
  return { runs, batcher: new Batcher<number, number>({ moreComing: () => false, ...options, run }) };
}

describe('Batcher', () => {
  it('runs what arrives in one turn together, at most maxBatch, and answers each its own', async () => {
    const { runs, batcher } = batcherOf({ maxBatch: 3, maxWait: 1000 });
    const answers = await Promise.all([1, 2, 3, 4, 5].map((item) => batcher.add(item)));
    expect(answers).toEqual([10, 20, 30, 40, 50]);
    expect(runs).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it('gathers the next batch while one runs', async () => {
    const { runs, batcher } = batcherOf({ maxBatch: 8, maxWait: 1000 });
    const first = batcher.add(1);
    await new Promise((resolve) => setTimeout(resolve, 2));
    await Promise.all([first, batcher.add(2), batcher.add(3)]);
    expect(runs).toEqual([[1], [2, 3]]);
  });

  it('waits for what is on its way, but no longer than maxWait', async () => {
    const { runs, batcher } = batcherOf({ maxBatch: 8, maxWait: 60, moreComing: () => true });
    const started = performance.now();
    const first = batcher.add(1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await Promise.all([first, batcher.add(2)]);
    expect(runs).toEqual([[1, 2]]);
    expect(performance.now() - started).toBeGreaterThanOrEqual(55);
  });

  it('rejects the items of a run that fails, and goes on', async () => {
    const { batcher } = batcherOf({ maxBatch: 2, maxWait: 0 });
    const results = await Promise.allSettled([batcher.add(13), batcher.add(1), batcher.add(2)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });
});

describe('Limiter', () => {
  it('admits by count and weight, in order; what is too heavy runs alone', async () => {
    const limiter = new Limiter(2, 10);
    const begun: string[] = [];
    const enter = (name: string, weight: number) => void limiter.enter(weight).then(() => begun.push(name));
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    enter('a', 6);
    enter('b', 6);
    enter('c', 1);
    await settle();
    expect(begun).toEqual(['a']);
    limiter.leave(6);
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
    enter('heavy', 100);
    limiter.leave(6);
    await settle();
    expect(begun).not.toContain('heavy');
    limiter.leave(1);
    await settle();
    expect(begun).toContain('heavy');
  });
});
