import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import type { Checksum } from './checksum.js';
import { crc32 } from './crc32.js';
import { md5 } from './md5.js';
import { xxh3 } from './xxh3.js';

/** Made by tests/golden/checksums.py with libxxhash, zlib and hashlib. */
const golden = JSON.parse(
  readFileSync(new URL('../../../../tests/golden/checksums.json', import.meta.url), 'utf8'),
) as { vectors: { length: number; xxh3: string; crc32: string; md5: string }[] };

/** The generator of the script above. */
function content(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 16) & 0xff;
  });
}

function inPieces(checksum: Checksum, bytes: Uint8Array, step: number): string {
  for (let at = 0; at < bytes.length; at += step) {
    const piece = bytes.slice(at, at + step);
    checksum.update(piece);
    piece.fill(0);
  }
  return checksum.digest();
}

describe.each([
  ['xxh3', xxh3],
  ['crc32', crc32],
  ['md5', md5],
] as const)('%s', (name, create) => {
  it.each(golden.vectors)('agrees with the reference on $length bytes', ({ length, ...expected }) => {
    const bytes = content(length);
    const steps = [Math.max(1, length), 1, 7, 64, 1000, 1024].filter((step) => length / step < 5000);
    for (const step of steps) expect(inPieces(create(), bytes, step)).toBe(expected[name]);
  });

  it('may be asked twice, and goes on', () => {
    const bytes = content(3000);
    const checksum = create();
    checksum.update(bytes.subarray(0, 1024));
    const half = checksum.digest();
    expect(checksum.digest()).toBe(half);
    checksum.update(bytes.subarray(1024));
    expect(checksum.digest()).toBe(golden.vectors.find(({ length }) => length === 3000)?.[name]);
  });
});
