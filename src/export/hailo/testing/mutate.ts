import type { Random } from '../../../core/random.js';

/** Values that parsers trip over more often than over others. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff] as const;

/** Some damage to a copy: changed bytes, a stretch removed, doubled, zeroed or made random, or the end cut off. */
export function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  const kind = random.integer(8);
  const at = random.integer(bytes.length);
  const length = 1 + random.integer(Math.min(64, bytes.length - at));
  if (kind === 0) return bytes.subarray(0, at);
  if (kind === 1) return spliced(bytes, at, length, new Uint8Array());
  if (kind === 2) return spliced(bytes, at, 0, bytes.subarray(at, at + length));
  const copy = new Uint8Array(bytes);
  if (kind === 3) copy.fill(random.integer(256), at, at + length);
  else if (kind === 4) for (let i = at; i < at + length; i++) copy[i] = random.integer(256);
  else for (let i = kind === 5 ? 1 + random.integer(8) : 1; i > 0; i--) changeOne(copy, random);
  return copy;
}

function changeOne(bytes: Uint8Array, random: Random): void {
  const at = random.integer(bytes.length);
  const edge = EDGES[random.integer(EDGES.length)] ?? 0;
  bytes[at] = random.uniform() < 0.5 ? edge : (bytes[at] ?? 0) ^ (1 << random.integer(8));
}

function spliced(bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length - removed + added.length);
  result.set(bytes.subarray(0, at));
  result.set(added, at);
  result.set(bytes.subarray(at + removed), at + added.length);
  return result;
}

/** What became of mutated files. */
export interface Outcome {
  readonly described: number;
  readonly refused: number;
  /** Longest time for one, in milliseconds. */
  readonly slowest: number;
}

/**
 * Feeds mutated files to a reader, which must describe them or throw what `isClean` accepts.
 * @throws whatever else the reader throws
 */
export function survive(
  files: Iterable<Uint8Array>,
  read: (file: Uint8Array) => unknown,
  isClean: (error: unknown) => boolean,
): Outcome {
  let [described, refused, slowest] = [0, 0, 0];
  for (const file of files) {
    const started = performance.now();
    try {
      JSON.stringify(read(file));
      described++;
    } catch (error) {
      if (!isClean(error)) throw error;
      refused++;
    }
    slowest = Math.max(slowest, performance.now() - started);
  }
  return { described, refused, slowest };
}
