import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

import { InputError, messageOf } from '../../../core/errors.js';
import type { Scalar } from './schema/index.js';

/** One field as it stands in the bytes. */
export interface RawField {
  readonly number: number;
  readonly wireType: WireType;
  /** First byte of the field's tag, counted from the beginning of its message. */
  readonly offset: number;
  /** Bytes of tag and value. */
  readonly size: number;
  /** The value alone; of a length-delimited field without its length. */
  readonly value: Uint8Array;
}

/** A varint has at most ten bytes (64 bits in groups of seven). */
const LONGEST_VARINT = 10;

/**
 * Runs over a message's fields without interpreting them.
 *
 * @throws Error when tags, lengths or varints are damaged; {@link readable} makes it an InputError.
 */
export function* rawFields(message: Uint8Array): Generator<RawField> {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const offset = reader.pos;
    const [number, wireType] = reader.tag();
    const value = valueOf(reader, number, wireType);
    yield { number, wireType, offset, size: reader.pos - offset, value };
  }
}

function valueOf(reader: BinaryReader, number: number, wireType: WireType): Uint8Array {
  if (wireType === WireType.LengthDelimited) return reader.bytes();
  const value = reader.skip(wireType, number);
  if (wireType === WireType.Varint && value.length > LONGEST_VARINT) throw new Error('a varint is too long');
  return value;
}

/** Runs a reader of the protobuf; whatever it throws becomes one sentence. */
export function readable<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      {
        where,
        received: `a protobuf that cannot be read (${messageOf(error)})`,
        expected: 'an undamaged HEF',
        remedy: 'copy or compile it again',
      },
      { cause: error },
    );
  }
}

/** How a scalar travels when it is not packed. */
export function wireTypeOf(scalar: Scalar): WireType {
  if (scalar === 'string' || scalar === 'bytes') return WireType.LengthDelimited;
  if (scalar === 'double') return WireType.Bit64;
  return scalar === 'float' ? WireType.Bit32 : WireType.Varint;
}

/** All the numbers in a field's value: one, or many where it is packed. */
export function numbersIn(value: Uint8Array, scalar: Scalar): number[] {
  const reader = new BinaryReader(value);
  const numbers: number[] = [];
  while (reader.pos < reader.len) numbers.push(readNumber(reader, scalar));
  return numbers;
}

/** A 64-bit unsigned number, exactly. */
export function uint64In(value: Uint8Array): bigint {
  return BigInt(new BinaryReader(value).uint64());
}

function readNumber(reader: BinaryReader, scalar: Scalar): number {
  switch (scalar) {
    case 'double':
      return reader.double();
    case 'float':
      return reader.float();
    case 'int32':
      return reader.int32();
    case 'uint64':
      return Number(reader.uint64());
    case 'bool':
      return reader.bool() ? 1 : 0;
    default:
      return reader.uint32();
  }
}

/** UTF-8 text. @throws TypeError on other bytes, which protobuf forbids in a string. */
export function textIn(value: Uint8Array): string {
  return UTF8.decode(value);
}

/** One for all: making a decoder takes longer than most names take to decode. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
