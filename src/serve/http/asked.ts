import type { SentPicture } from '../engine/job.js';

/** A picture with the name its sender gave it. */
export interface NamedPicture extends SentPicture {
  readonly name: string | null;
}

/** What a client asks. */
export interface Asked {
  /** Undefined: the server's first model. */
  readonly model: string | undefined;
  readonly pictures: readonly NamedPicture[];
}

/** Characters of a name that are repeated in an answer. */
export const LONGEST_NAME = 200;

/** Names a picture in messages: by its name, or by its place in the request. */
export function namedPicture(bytes: Uint8Array, name: string | undefined, index: number): NamedPicture {
  const short = name === undefined || name === '' ? null : name.slice(0, LONGEST_NAME);
  return { bytes, name: short, where: short ?? `picture ${index + 1}` };
}
