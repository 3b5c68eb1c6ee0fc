import { checkInteger } from '../core/checks.js';
import type { Frame } from './frame.js';

/** What happens to a frame that finds the queue full. */
export type WhenFull = 'wait' | 'drop-oldest';

/**
 * A bounded queue between a stream and the one who looks at its frames.
 *
 * `drop-oldest` keeps the newest frames and counts the others: what is shown is what happens now. `wait` loses none;
 * the producer asks {@link isFull} and waits for {@link space}.
 */
export class FrameQueue {
  private readonly frames: Frame[] = [];
  private taker: ((frame: Frame | undefined) => void) | undefined;
  private refuse: ((error: unknown) => void) | undefined;
  private waiting: (() => void)[] = [];
  private ended = false;
  private error: unknown;
  private lost = 0;

  constructor(
    private readonly capacity: number,
    private readonly whenFull: WhenFull,
  ) {
    checkInteger('queue', capacity, 1);
  }

  get dropped(): number {
    return this.lost;
  }

  /** Whether a producer that loses nothing should wait. */
  get isFull(): boolean {
    return this.whenFull === 'wait' && this.frames.length >= this.capacity;
  }

  push(frame: Frame): void {
    if (this.ended) {
      frame.release();
    } else if (this.taker !== undefined) {
      this.give(frame);
    } else {
      this.frames.push(frame);
      if (this.whenFull === 'drop-oldest' && this.frames.length > this.capacity) this.dropOldest();
    }
  }

  /** The oldest frame; waits for one. Undefined after the end. One call at a time. */
  next(): Promise<Frame | undefined> {
    const frame = this.frames.shift();
    if (frame !== undefined) {
      if (!this.isFull) this.wake();
      return Promise.resolve(frame);
    }
    if (this.ended)
      return this.error === undefined ? Promise.resolve(undefined) : Promise.reject(this.failure());
    return new Promise((resolve, reject) => {
      this.taker = resolve;
      this.refuse = reject;
    });
  }

  /** Resolves when a producer may go on: there is room, or the queue has ended. */
  async space(): Promise<void> {
    while (this.isFull && !this.ended) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** No frame comes any more; those in the queue are still taken, then comes the error, if any. */
  end(error?: unknown): void {
    if (this.ended) return;
    this.ended = true;
    this.error = error;
    this.wake();
    if (this.taker === undefined) return;
    if (error === undefined) this.give(undefined);
    else this.refuse?.(this.failure());
  }

  /** {@link end} without the frames that nobody took. */
  discard(): void {
    this.end();
    this.error = undefined;
    for (const frame of this.frames.splice(0)) frame.release();
  }

  private give(frame: Frame | undefined): void {
    const { taker } = this;
    [this.taker, this.refuse] = [undefined, undefined];
    taker?.(frame);
  }

  private dropOldest(): void {
    this.frames.shift()?.release();
    this.lost++;
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private failure(): Error {
    const { error } = this;
    return error instanceof Error ? error : new Error(String(error));
  }
}
