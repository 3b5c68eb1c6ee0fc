import { afterEach, describe, expect, it, vi } from 'vitest';

import { listenForInterrupt, withInterrupt } from './interrupt.js';

afterEach(() => vi.restoreAllMocks());

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  it('asks first, quits at once the second time, and means the usual again once released', () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
    const before = process.listenerCount(signal);
    let told = 0;
    const interrupt = listenForInterrupt(() => {
      told++;
    });
    // Called as the system would, without waking the test runner's own listeners.
    const send = process.listeners(signal).at(-1)!;
    expect(interrupt.wanted()).toBe(false);
    send(signal);
    expect([interrupt.wanted(), told]).toEqual([true, 1]);
    expect(exit).not.toHaveBeenCalled();
    send(signal);
    expect(exit).toHaveBeenCalledWith(130);
    interrupt.release();
    expect(process.listenerCount(signal)).toBe(before);
  });
});

describe('withInterrupt', () => {
  it('tells the job of Ctrl-C, says what it was given, and releases it even when the job fails', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const before = process.listenerCount('SIGINT');
    const job = withInterrupt('Saving.', ({ shouldStop }) => {
      expect(shouldStop()).toBe(false);
      process.listeners('SIGINT').at(-1)!('SIGINT');
      expect(shouldStop()).toBe(true);
      return Promise.reject(new Error('no disk'));
    });
    await expect(job).rejects.toThrow('no disk');
    expect(stderr.mock.calls.join('')).toContain('Saving.');
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
