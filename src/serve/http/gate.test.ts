import { describe, expect, it } from 'vitest';

import { Gate } from './gate.js';
import { RequestError } from './problem.js';

function refusal(action: () => unknown): RequestError {
  try {
    action();
  } catch (error) {
    if (error instanceof RequestError) return error;
  }
  throw new Error('let in');
}

describe('Gate', () => {
  it('refuses more pictures than its queue holds, and lets in again when some have left', () => {
    const gate = new Gate({ queue: 3, queueBytes: 1000 });
    const first = gate.enter(10);
    first.bring(3);
    const error = refusal(() => gate.enter(10));
    expect(error).toMatchObject({ status: 503, code: 'queue_full', headers: { 'retry-after': '1' } });
    expect(error.message).toBe(
      'server: received a request while 3 pictures wait, expected fewer at the same time; try again in 1 s.',
    );
    first.leave();
    first.leave();
    expect(gate.waiting).toBe(0);
    gate.enter(10);
    expect(gate.waiting).toBe(1);
  });

  it('refuses more bytes than it may hold', () => {
    const gate = new Gate({ queue: 100, queueBytes: 1000 });
    gate.enter(700);
    expect(refusal(() => gate.enter(700)).code).toBe('queue_full');
    gate.enter(300);
  });

  it('counts the pictures that a request brings', () => {
    const gate = new Gate({ queue: 4, queueBytes: 1000 });
    const [one, two] = [gate.enter(1), gate.enter(1)];
    one.bring(2);
    expect(refusal(() => two.bring(3)).code).toBe('queue_full');
    two.leave();
    expect(gate.waiting).toBe(2);
  });

  it('tells to come back when what waits is done at the present rate', () => {
    const gate = new Gate({ queue: 1000, queueBytes: 1e6 });
    gate.enter(1).leave();
    gate.enter(1).bring(100);
    // One picture left within the last 100 ms: ten a second.
    expect(gate.retryAfter(performance.now() + 100)).toBeGreaterThanOrEqual(10);
    expect(gate.retryAfter(performance.now() + 60_000)).toBe(30);
  });

  it('refuses everything once closed', () => {
    const gate = new Gate({ queue: 10, queueBytes: 10 });
    gate.close();
    expect(refusal(() => gate.enter(1))).toMatchObject({ status: 503, code: 'shutting_down' });
  });
});
