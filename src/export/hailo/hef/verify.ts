import { InputError } from '../../../core/errors.js';
import { type ByteSource, piecesOf } from '../bytes.js';
import type { Checksum } from '../checksums/checksum.js';
import { crc32 } from '../checksums/crc32.js';
import { md5 } from '../checksums/md5.js';
import { xxh3 } from '../checksums/xxh3.js';
import type { ExpectedChecksum, HefHeader } from './header.js';

/** A checksum that was computed and compared. */
export interface VerifiedChecksum extends ExpectedChecksum {
  /** What it covers: all behind the header, the protobuf alone, or one external resource. */
  readonly covers: 'content' | 'protobuf' | 'resource';
  readonly computed: string;
  readonly matches: boolean;
}

const ALGORITHMS: Readonly<Record<ExpectedChecksum['algorithm'], () => Checksum>> = {
  MD5: md5,
  'CRC-32': crc32,
  'XXH3-64': xxh3,
};

/**
 * Computes the header's checksums. Those that HailoRT verifies must match; where a version 3 header states
 * one of the protobuf alone, HailoRT leaves the other to the firmware, and a difference is only reported.
 *
 * @throws InputError when a checksum that must match does not.
 */
export function verifyChecksums(where: string, file: ByteSource, header: HefHeader): VerifiedChecksum[] {
  const { headerBytes, protobufBytes, checksum, protobufChecksum } = header;
  const content = compare(file, headerBytes, file.size - headerBytes, checksum, 'content');
  if (protobufChecksum === undefined) return [mustMatch(where, content)];
  return [mustMatch(where, compare(file, headerBytes, protobufBytes, protobufChecksum, 'protobuf')), content];
}

/** Computes the checksum of a part of the file. */
export function compare(
  file: ByteSource,
  offset: number,
  length: number,
  { algorithm, expected }: ExpectedChecksum,
  covers: VerifiedChecksum['covers'],
): VerifiedChecksum {
  const checksum = ALGORITHMS[algorithm]();
  for (const piece of piecesOf(file, offset, length)) checksum.update(piece);
  const computed = checksum.digest();
  return { algorithm, covers, expected, computed, matches: computed === expected };
}

/** @throws InputError with both values when they differ. */
export function mustMatch(
  where: string,
  checksum: VerifiedChecksum,
  what: string = checksum.covers,
): VerifiedChecksum {
  const { algorithm, computed, expected, matches } = checksum;
  if (matches) return checksum;
  throw new InputError({
    where,
    received: `${what} with the ${algorithm} checksum ${computed}`,
    expected: `${expected}, as the file itself states`,
    remedy: 'the file is damaged: copy or compile it again',
  });
}
