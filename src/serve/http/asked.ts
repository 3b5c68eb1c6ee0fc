import type { SentPicture } from '../engine/job.js';
import { RequestError } from './problem.js';

/** A picture with the name its sender gave it. */
export interface NamedPicture extends SentPicture {
  readonly name: string | null;
}

/** What a client asks. */
export interface Asked {
  /** Undefined: the server's first model. */
  readonly model: string | undefined;
  /** Whether faces are to be looked for; undefined: not said. */
  readonly detect: boolean | undefined;
  readonly pictures: readonly NamedPicture[];
}

/** Characters of a name that are repeated in an answer. */
export const LONGEST_NAME = 200;

/** Names a picture in messages: by its name, or by its place in the request. */
export function namedPicture(bytes: Uint8Array, name: string | undefined, index: number): NamedPicture {
  const short = name === undefined || name === '' ? null : name.slice(0, LONGEST_NAME);
  return { bytes, name: short, where: short ?? `picture ${index + 1}` };
}

/** `true` or `false` of a query or a form. @throws RequestError 400 when it is another word */
export function detectOf(value: unknown): boolean | undefined {
  if (value === undefined) return undefined;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new RequestError(400, 'wrong_detect', {
    where: 'detect',
    received: 'another word',
    expected: 'true or false',
  });
}
