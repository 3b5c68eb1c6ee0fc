import { WireType } from '@bufbuild/protobuf/wire';

import { InputError } from '../../../core/errors.js';
import { type Field, fieldsOf, kindOf, type MessageName, type Scalar } from './schema/index.js';
import { numbersIn, rawFields, textIn, uint64In, wireTypeOf } from './wire.js';

/** Fields of one message, and messages of one file, that are kept in memory at most. */
const MOST = { fields: 200_000, messages: 500_000 } as const;

/** What is left of {@link MOST}: shared by all the messages of one file. */
interface Budget {
  readonly where: string;
  messages: number;
}

/**
 * A message whose fields are read by the schema's names. Absent fields have protobuf's defaults: zero, an
 * empty text, no message. Of a field that occurs often without being repeated, the last one counts; messages
 * are merged.
 */
export class Message {
  private readonly values = new Map<number, Uint8Array[]>();

  private constructor(
    private readonly bytes: Uint8Array,
    /** Name in the schema. */
    readonly type: MessageName,
    private readonly budget: Budget,
  ) {
    if (--budget.messages < 0) throw tooMany(budget.where, `${MOST.messages} messages of interest`);
    let left: number = MOST.fields;
    for (const { number, wireType, value } of rawFields(bytes)) {
      if (!this.expects(number, wireType)) continue;
      if (--left < 0) throw tooMany(budget.where, `${MOST.fields} fields in one ${type}`);
      const values = this.values.get(number);
      if (values === undefined) this.values.set(number, [value]);
      else values.push(value);
    }
  }

  /** The outermost message of a file. */
  static root(where: string, bytes: Uint8Array, type: MessageName): Message {
    return new Message(bytes, type, { where, messages: MOST.messages });
  }

  /** Bytes of the message. */
  get size(): number {
    return this.bytes.length;
  }

  /** Whether the field is there. */
  has(name: string): boolean {
    return this.all(name).length > 0;
  }

  /** How often the field is there. */
  count(name: string): number {
    return this.all(name).length;
  }

  /** A number, or a Boolean as 0 or 1. */
  number(name: string): number {
    return this.numbers(name).at(-1) ?? 0;
  }

  /** A 64-bit number. */
  uint64(name: string): bigint {
    const last = this.all(name).at(-1);
    return last === undefined ? 0n : uint64In(last);
  }

  /** All the numbers of a repeated field, packed or not. */
  numbers(name: string): number[] {
    const scalar = this.scalar(name);
    return this.all(name).flatMap((value) => numbersIn(value, scalar));
  }

  text(name: string): string {
    return this.texts(name).at(-1) ?? '';
  }

  texts(name: string): string[] {
    return this.all(name).map(textIn);
  }

  /** Bytes that a `bytes` field holds. */
  length(name: string): number {
    return this.all(name).at(-1)?.length ?? 0;
  }

  message(name: string): Message | undefined {
    const parts = this.all(name);
    const [only = new Uint8Array()] = parts;
    if (parts.length === 0) return undefined;
    // Protobuf merges the occurrences of a message; that is what reading them one behind the other does.
    return this.inner(name, parts.length === 1 ? only : joined(parts));
  }

  messages(name: string): Message[] {
    return this.all(name).map((bytes) => this.inner(name, bytes));
  }

  private inner(name: string, bytes: Uint8Array): Message {
    const kind = kindOf(this.field(name)[1]);
    if (kind.message === undefined) throw new TypeError(`${this.type}.${name} is no message`);
    return new Message(bytes, kind.message, this.budget);
  }

  private scalar(name: string): Scalar {
    const kind = kindOf(this.field(name)[1]);
    if (kind.message !== undefined) throw new TypeError(`${this.type}.${name} is a message`);
    return kind.scalar;
  }

  private all(name: string): readonly Uint8Array[] {
    return this.values.get(this.field(name)[0]) ?? [];
  }

  private field(name: string): readonly [number: number, field: Field] {
    const rows = Object.entries(fieldsOf(this.type));
    const row = rows.find(([, [known]]) => known === name);
    if (row === undefined) throw new TypeError(`${this.type} has no field ${name}`);
    return [Number(row[0]), row[1]];
  }

  /** A known field with another wire type is an unknown field, as in every protobuf reader. */
  private expects(number: number, wireType: WireType): boolean {
    const field = fieldsOf(this.type)[number];
    if (field === undefined) return false;
    const kind = kindOf(field);
    if (kind.message !== undefined) return wireType === WireType.LengthDelimited;
    const packed = field[2] === 'repeated' && wireType === WireType.LengthDelimited;
    return packed || wireType === wireTypeOf(kind.scalar);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function tooMany(where: string, limit: string): InputError {
  return new InputError({ where, received: 'an implausibly large protobuf', expected: `at most ${limit}` });
}
