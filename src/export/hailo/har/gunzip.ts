import { Gunzip } from 'fflate';

import { InputError, messageOf } from '../../../core/errors.js';
import { type ByteSource, piecesOf, sourceOf, viewOf } from '../bytes.js';
import { hex } from '../checksums/checksum.js';
import { crc32 } from '../checksums/crc32.js';

/** Most bytes that a packed archive may unpack to; a plain one has no limit, since it is not held in memory. */
const MOST_UNPACKED = 512 * 2 ** 20;
/** Packed bytes at once: they cannot unpack to more than some 17 MB. */
const STEP = 1 << 14;
/** CRC-32 and length of the content, at the end of the file (RFC 1952). */
const TRAILER = 8;

/** Whether these first bytes are gzip's. */
export function looksLikeGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

/**
 * Unpacks a gzip file of one member into memory and verifies its checksum.
 *
 * @throws InputError when it is damaged, or larger than `most` bytes (half a gigabyte) unpacked.
 */
export function gunzip(where: string, packed: ByteSource, most = MOST_UNPACKED): ByteSource {
  const parts: Uint8Array[] = [];
  const checksum = crc32();
  let size = 0;
  const stream = new Gunzip((part) => {
    size += part.length;
    if (size > most) throw tooLarge(where, most);
    checksum.update(part);
    parts.push(part);
  });
  try {
    for (const piece of piecesOf(packed, 0, packed.size)) pushAll(stream, piece);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw broken(where, messageOf(error), error);
  }
  if (checksum.digest() !== statedChecksum(packed)) throw broken(where, 'its checksum differs');
  return sourceOf(joined(parts, size));
}

function pushAll(stream: Gunzip, piece: Uint8Array): void {
  for (let at = 0; at < piece.length; at += STEP) stream.push(piece.subarray(at, at + STEP));
}

function statedChecksum(packed: ByteSource): string | undefined {
  if (packed.size < TRAILER) return undefined;
  return hex(viewOf(packed.read(packed.size - TRAILER, TRAILER)).getUint32(0, true), 8);
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function tooLarge(where: string, most: number): InputError {
  return new InputError({
    where,
    received: `a packed archive of more than ${most} bytes`,
    expected: 'a smaller one',
    remedy: 'unpack it first, e.g. with gunzip',
  });
}

function broken(where: string, why: string, cause?: unknown): InputError {
  const received = `a gzip file that cannot be unpacked (${why})`;
  return new InputError({ where, received, expected: 'an undamaged one' }, { cause });
}
