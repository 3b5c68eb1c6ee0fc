import { checkInteger, checkNumber } from '../core/checks.js';

/** What one client, and all together, may ask of a server. */
export interface ServeLimits {
  /** Bytes of one request's body; more gives 413. */
  readonly bodyBytes: number;
  /** Pictures of one request; more gives 413. */
  readonly pictures: number;
  /** Pixels of one picture, by its header; more gives 413. */
  readonly pixels: number;
  /** Pictures accepted and not yet answered; more gives 503. */
  readonly queue: number;
  /** Bytes of bodies accepted and not yet answered; more gives 503. */
  readonly queueBytes: number;
  /** Milliseconds until a request that is not answered gives 503; a body that takes as long to arrive gives 408. */
  readonly timeout: number;
  /** Requests a minute and client address; more gives 429; 0: no limit. */
  readonly ratePerMinute: number;
}

/** Limits that hold unless others are given. */
export const defaultLimits: ServeLimits = {
  bodyBytes: 16 * 2 ** 20,
  pictures: 64,
  pixels: 50_000_000,
  queue: 1024,
  queueBytes: 256 * 2 ** 20,
  timeout: 15_000,
  ratePerMinute: 0,
};

/** {@link defaultLimits} with some replaced. @throws InputError for a number that makes no sense */
export function checkLimits(given: Partial<ServeLimits>): ServeLimits {
  const limits = { ...defaultLimits, ...given };
  checkInteger('body limit', limits.bodyBytes, 1);
  checkInteger('pictures of a request', limits.pictures, 1, 10_000);
  checkInteger('pixels of a picture', limits.pixels, 1);
  checkInteger('queue', limits.queue, 1);
  checkInteger('queue bytes', limits.queueBytes, 1);
  checkNumber('timeout', limits.timeout, 1, 3_600_000);
  checkInteger('rate limit', limits.ratePerMinute, 0);
  return limits;
}
