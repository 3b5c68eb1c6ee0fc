import { InputError } from '../../../core/errors.js';
import type { ByteSource } from '../bytes.js';
import { hex } from '../checksums/checksum.js';
import type { HefResource } from './description.js';
import type { Message } from './message.js';
import { compare, mustMatch } from './verify.js';

/**
 * Describes the external resources and verifies the checksums that they have.
 *
 * @param base where their offsets count from: the end of the protobuf and its padding
 * @throws InputError when one lies outside the file, they overlap, or a checksum differs.
 */
export function describeResources(
  where: string,
  file: ByteSource,
  base: number,
  hef: Message,
): HefResource[] {
  const places = hef.messages('external_resources').map((resource) => placeOf(where, file, base, resource));
  const sum = places.reduce((total, { bytes }) => total + bytes, 0);
  // Else a small file could keep a reader busy for hours with one stretch named many times.
  if (sum > file.size) {
    const received = `external resources of ${sum} bytes in all`;
    throw new InputError({ where, received, expected: `at most the ${file.size} bytes of the file` });
  }
  return places.map((place) => verified(where, file, place));
}

type Place = Omit<HefResource, 'checksum'> & { readonly xxhash: bigint };

function placeOf(where: string, file: ByteSource, base: number, resource: Message): Place {
  const name = resource.text('name');
  const offset = base + Number(resource.uint64('offset'));
  const bytes = Number(resource.uint64('size'));
  if (offset + bytes <= file.size) return { name, bytes, offset, xxhash: resource.uint64('xxhash') };
  const received = `the resource "${name}" at bytes ${offset} to ${offset + bytes}`;
  throw new InputError({ where, received, expected: `it inside the file of ${file.size} bytes` });
}

function verified(where: string, file: ByteSource, { xxhash, ...place }: Place): HefResource {
  if (xxhash === 0n) return { ...place, checksum: null };
  const expected = hex(xxhash, 16);
  const checksum = compare(file, place.offset, place.bytes, { algorithm: 'XXH3-64', expected }, 'resource');
  return { ...place, checksum: mustMatch(where, checksum, `the resource "${place.name}"`) };
}
