import { describe, expect, it } from 'vitest';

import { FrameQueue } from './frame-queue.js';
import { makeFrame } from './testing/frames.js';

describe('FrameQueue', () => {
  it('drops the oldest frames, counts them and gives them back', async () => {
    const queue = new FrameQueue(2, 'drop-oldest');
    const frames = [0, 1, 2, 3, 4].map((i) => makeFrame(i));
    frames.forEach((frame) => queue.push(frame));
    expect(queue.dropped).toBe(3);
    expect(frames.map((frame) => frame.released())).toEqual([1, 1, 1, 0, 0]);
    expect([(await queue.next())?.index, (await queue.next())?.index]).toEqual([3, 4]);
  });

  it('makes a producer wait until there is room, and loses nothing', async () => {
    const queue = new FrameQueue(2, 'wait');
    queue.push(makeFrame(0));
    queue.push(makeFrame(1));
    expect(queue.isFull).toBe(true);
    let room = false;
    const space = queue.space().then(() => (room = true));
    await Promise.resolve();
    expect(room).toBe(false);
    expect((await queue.next())?.index).toBe(0);
    await space;
    expect([room, queue.dropped]).toEqual([true, 0]);
  });

  it('hands a frame straight to one who waits', async () => {
    const queue = new FrameQueue(1, 'drop-oldest');
    const next = queue.next();
    queue.push(makeFrame(7));
    expect((await next)?.index).toBe(7);
    expect(queue.dropped).toBe(0);
  });

  it('gives what is left, then the error, then nothing else', async () => {
    const queue = new FrameQueue(2, 'wait');
    queue.push(makeFrame(0));
    queue.end(new Error('the camera is gone'));
    expect((await queue.next())?.index).toBe(0);
    await expect(queue.next()).rejects.toThrow('the camera is gone');
    const waiting = new FrameQueue(2, 'wait');
    const next = waiting.next();
    waiting.end(new Error('gone'));
    await expect(next).rejects.toThrow('gone');
  });

  it('discards: waiting calls and producers end, frames go back', async () => {
    const queue = new FrameQueue(1, 'wait');
    const frame = makeFrame(0);
    queue.push(frame);
    const space = queue.space();
    queue.discard();
    await space;
    expect(await queue.next()).toBeUndefined();
    const late = makeFrame(1);
    queue.push(late);
    expect([frame.released(), late.released()]).toEqual([1, 1]);
  });
});
