import { afterEach, describe, expect, it, vi } from 'vitest';

import { listenForInterrupt } from './interrupt.js';

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
