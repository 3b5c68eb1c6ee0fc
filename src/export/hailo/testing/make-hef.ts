import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

import { crc32 } from '../checksums/crc32.js';
import { md5 } from '../checksums/md5.js';
import { xxh3 } from '../checksums/xxh3.js';
import type { Checksum } from '../checksums/checksum.js';
import { fieldsOf, kindOf, type MessageName } from '../hef/schema/index.js';
import { wireTypeOf } from '../hef/wire.js';

/** A message's fields by name; bytes as they are. */
export interface Content {
  readonly [name: string]: Item | readonly Item[];
}
type Item = number | bigint | string | Uint8Array | Content;

/** Encodes a message by the schema's tables, lists unpacked. */
export function encode(message: MessageName, content: Content): Uint8Array {
  const writer = new BinaryWriter();
  const rows = Object.entries(fieldsOf(message));
  for (const [name, value] of Object.entries(content)) {
    const row = rows.find(([, [known]]) => known === name);
    if (row === undefined) throw new Error(`${message} has no field ${name}`);
    const items: readonly Item[] = Array.isArray(value) ? (value as readonly Item[]) : [value as Item];
    for (const item of items) writeItem(writer, Number(row[0]), kindOf(row[1]), item);
  }
  return writer.finish();
}

function writeItem(writer: BinaryWriter, number: number, kind: ReturnType<typeof kindOf>, item: Item): void {
  if (kind.message !== undefined) {
    writer.tag(number, WireType.LengthDelimited).bytes(encode(kind.message, item as Content));
    return;
  }
  writer.tag(number, wireTypeOf(kind.scalar));
  if (item instanceof Uint8Array) writer.bytes(item);
  else if (typeof item === 'string') writer.string(item);
  else if (kind.scalar === 'double') writer.double(item as number);
  else if (kind.scalar === 'float') writer.float(item as number);
  else if (kind.scalar === 'int32') writer.int32(item as number);
  else writer.uint64(BigInt(item as number));
}

/** The parts of a HEF around its protobuf. */
export interface HefParts {
  readonly configuration?: Uint8Array;
  readonly padding?: number;
  readonly additional?: Uint8Array;
  /** Whether a version 3 header states a checksum of the protobuf alone. */
  readonly protobufChecksum?: boolean;
}

/** A HEF of any version with right sizes and checksums. */
export function makeHef(version: 0 | 1 | 2 | 3, protobuf: Uint8Array, parts: HefParts = {}): Uint8Array {
  const { configuration = new Uint8Array(), padding = 0, additional = new Uint8Array() } = parts;
  const behind =
    version === 0 ? protobuf : join(protobuf, new Uint8Array(padding), configuration, additional);
  const view = new DataView(new ArrayBuffer([32, 28, 44, 56][version] ?? 0));
  view.setUint32(0, 0x01484546);
  view.setUint32(4, version);
  view.setUint32(8, protobuf.length);
  if (version === 0) put(view, 16, digest(md5(), behind));
  else if (version === 1) {
    put(view, 12, digest(crc32(), behind));
    view.setBigUint64(16, BigInt(configuration.length));
  } else {
    put(view, 12, digest(xxh3(), behind));
    view.setBigUint64(20, BigInt(configuration.length + padding));
  }
  if (version === 3) {
    view.setUint32(28, padding);
    view.setBigUint64(32, BigInt(additional.length));
    if (parts.protobufChecksum === true) put(view, 40, digest(xxh3(), protobuf));
  }
  return join(new Uint8Array(view.buffer), behind);
}

/** The bytes with their checksums made right again, for damage that should get past them. */
export function resealed(hef: Uint8Array): Uint8Array {
  const sealed = hef.slice();
  const view = new DataView(sealed.buffer);
  const version = sealed.length < 12 ? -1 : view.getUint32(4);
  const size = [32, 28, 44, 56][version];
  if (size === undefined || sealed.length < size) return sealed;
  const [at = 0, create] =
    (
      [
        [16, md5],
        [12, crc32],
        [12, xxh3],
        [12, xxh3],
      ] as const
    )[version] ?? [];
  if (create !== undefined) put(view, at, digest(create(), sealed.subarray(size)));
  if (version === 3 && view.getBigUint64(40) !== 0n)
    put(view, 40, digest(xxh3(), sealed.subarray(size, size + view.getUint32(8))));
  return sealed;
}

/** Arrays one behind the other. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** XXH3 as a number, as external resources state it. */
export function xxh3Of(bytes: Uint8Array): bigint {
  return BigInt(`0x${digest(xxh3(), bytes)}`);
}

function digest(checksum: Checksum, bytes: Uint8Array): string {
  checksum.update(bytes);
  return checksum.digest();
}

function put(view: DataView, at: number, digits: string): void {
  for (let i = 0; i < digits.length; i += 2)
    view.setUint8(at + i / 2, Number.parseInt(digits.slice(i, i + 2), 16));
}
