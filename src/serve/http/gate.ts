import { RequestError } from './problem.js';

/** A request that was let in; what it holds is given back by {@link Ticket.leave}. */
export interface Ticket {
  /** Says how many pictures it brought; one is counted until then. @throws RequestError 503 when they are too many */
  bring(pictures: number): void;
  leave(): void;
}

/** Answers that tell the present rate. */
const REMEMBERED = 64;
/** Bounds of what `Retry-After` says, in seconds. */
const [SOONEST, LATEST] = [1, 30];

/**
 * Counts what was accepted and not yet answered, and refuses more than the server can hold: memory stays bounded
 * and nobody waits for long in vain.
 */
export class Gate {
  private pictures = 0;
  private bytes = 0;
  private closed = false;
  /** When pictures left, in milliseconds, the latest ones. */
  private readonly departures: number[] = [];

  constructor(private readonly limits: { readonly queue: number; readonly queueBytes: number }) {}

  /** Pictures accepted and not yet answered. */
  get waiting(): number {
    return this.pictures;
  }

  /** Refuses everything from now on. */
  close(): void {
    this.closed = true;
  }

  /** @param bytes of the body, as announced. @throws RequestError 503 with Retry-After when the server is full */
  enter(bytes: number): Ticket {
    if (this.closed) throw shuttingDown();
    this.check(1, bytes);
    let held = 1;
    let inside = true;
    this.add(held, bytes);
    return {
      bring: (pictures) => {
        this.check(pictures - held, 0);
        this.add(pictures - held, 0);
        held = pictures;
      },
      leave: () => {
        if (inside) this.remove(held, bytes);
        inside = false;
      },
    };
  }

  /** Seconds after which it is worth trying again: as long as what waits takes at the present rate. */
  retryAfter(now = performance.now()): number {
    const [oldest] = this.departures;
    if (oldest === undefined) return SOONEST;
    const perSecond = (1000 * this.departures.length) / Math.max(1, now - oldest);
    return Math.min(LATEST, Math.max(SOONEST, Math.ceil(this.pictures / perSecond)));
  }

  private check(pictures: number, bytes: number): void {
    const { queue, queueBytes } = this.limits;
    if (this.pictures + pictures <= queue && this.bytes + bytes <= queueBytes) return;
    // What is too large for an empty server is let in alone.
    if (this.pictures === 0) return;
    throw full(this.pictures, this.retryAfter());
  }

  private add(pictures: number, bytes: number): void {
    this.pictures += pictures;
    this.bytes += bytes;
  }

  private remove(pictures: number, bytes: number): void {
    this.add(-pictures, -bytes);
    const now = performance.now();
    for (let i = 0; i < Math.min(pictures, REMEMBERED); i++) this.departures.push(now);
    this.departures.splice(0, this.departures.length - REMEMBERED);
  }
}

/** @param seconds after which it is worth trying again */
export function tooLate(milliseconds: number, seconds: number): RequestError {
  return new RequestError(
    503,
    'timeout',
    {
      where: 'server',
      received: `no answer within ${milliseconds / 1000} seconds`,
      expected: 'fewer requests at the same time',
      remedy: `try again in ${seconds} s`,
    },
    { 'retry-after': String(seconds) },
  );
}

function full(waiting: number, seconds: number): RequestError {
  return new RequestError(
    503,
    'queue_full',
    {
      where: 'server',
      received: `a request while ${waiting} pictures wait`,
      expected: 'fewer at the same time',
      remedy: `try again in ${seconds} s`,
    },
    { 'retry-after': String(seconds) },
  );
}

function shuttingDown(): RequestError {
  return new RequestError(
    503,
    'shutting_down',
    {
      where: 'server',
      received: 'a request while it shuts down',
      expected: 'requests before that',
      remedy: 'try again later',
    },
    { 'retry-after': String(5), connection: 'close' },
  );
}
