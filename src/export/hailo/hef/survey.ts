import { WireType } from '@bufbuild/protobuf/wire';

import { type Field, type FieldKind, fieldsOf, kindOf, type MessageName } from './schema/index.js';
import { numbersIn, type RawField, rawFields, textIn, wireTypeOf } from './wire.js';

/** A field that the schema does not have, or has with another type; all of one place together. */
export interface UnknownField {
  /** Where: the names of the messages around it, e.g. `network_groups.contexts.metadata`; empty at the top. */
  readonly path: string;
  readonly number: number;
  /** Protobuf's wire type. */
  readonly wireType: 'varint' | '64-bit' | 'bytes' | 'group' | '32-bit';
  /** Name of the field that has this number in the schema, but another type. */
  readonly expectedName: string | null;
  /** How often it occurs. */
  readonly count: number;
  /** Bytes of all occurrences, tags included. */
  readonly bytes: number;
}

/** What a look at every field found. */
export interface Survey {
  readonly unknownFields: readonly UnknownField[];
  /** Occurrences at further places, once {@link unknownFields} is full. */
  readonly moreUnknownFields: number;
  /** Messages of all kinds. */
  readonly messages: number;
  /** Actions of the chip by kind, e.g. `write_data_ccw_ptr`. */
  readonly actions: Readonly<Record<string, number>>;
}

/** Nesting that protobuf's own parsers accept. */
const DEEPEST = 100;
const MOST_UNKNOWN = 1000;

/**
 * Looks at every field of a protobuf, however deep: counts what is known, collects what is not. Nothing is
 * kept of the fields themselves, so that memory does not grow with the file.
 *
 * @throws Error when anything in it is damaged.
 */
export function surveyMessage(bytes: Uint8Array, message: MessageName): Survey {
  const surveyor = new Surveyor();
  surveyor.visit(bytes, message, '', 0);
  return {
    unknownFields: [...surveyor.unknown.values()],
    moreUnknownFields: surveyor.more,
    messages: surveyor.messages,
    actions: Object.fromEntries([...surveyor.actions].sort(([, a], [, b]) => b - a)),
  };
}

type Counted = { -readonly [Key in keyof UnknownField]: UnknownField[Key] };

class Surveyor {
  readonly unknown = new Map<string, Counted>();
  readonly actions = new Map<string, number>();
  readonly plans = new Map<MessageName, ReadonlyMap<number, Plan>>();
  more = 0;
  messages = 0;

  visit(bytes: Uint8Array, message: MessageName, path: string, depth: number): void {
    if (depth > DEEPEST) throw new Error(`messages nested deeper than ${DEEPEST}`);
    this.messages++;
    const plan = this.planOf(message);
    for (const raw of rawFields(bytes)) {
      const known = plan.get(raw.number);
      if (known === undefined || !fits(raw, known)) this.note(raw, path, known);
      else if (known.kind.message === undefined) checkScalar(raw, known.kind.scalar);
      else {
        if (message === 'Action') this.count(known.name);
        const inside = path === '' ? known.name : `${path}.${known.name}`;
        this.visit(raw.value, known.kind.message, inside, depth + 1);
      }
    }
  }

  private planOf(message: MessageName): ReadonlyMap<number, Plan> {
    const made = this.plans.get(message);
    if (made !== undefined) return made;
    const rows = Object.entries(fieldsOf(message)).map(
      ([number, field]) => [Number(number), plan(field)] as const,
    );
    const plans = new Map(rows);
    this.plans.set(message, plans);
    return plans;
  }

  private count(action: string): void {
    this.actions.set(action, (this.actions.get(action) ?? 0) + 1);
  }

  private note({ number, wireType, size }: RawField, path: string, known: Plan | undefined): void {
    const key = `${path}|${number}|${wireType}`;
    const found = this.unknown.get(key);
    if (found !== undefined) {
      found.count++;
      found.bytes += size;
    } else if (this.unknown.size >= MOST_UNKNOWN) this.more++;
    else {
      const expectedName = known?.name ?? null;
      this.unknown.set(key, { path, number, wireType: WIRE[wireType], expectedName, count: 1, bytes: size });
    }
  }
}

interface Plan {
  readonly name: string;
  readonly kind: FieldKind;
  readonly repeated: boolean;
}

function plan(field: Field): Plan {
  return { name: field[0], kind: kindOf(field), repeated: field[2] === 'repeated' };
}

function fits({ wireType }: RawField, { kind, repeated }: Plan): boolean {
  if (kind.message !== undefined) return wireType === WireType.LengthDelimited;
  // Repeated numbers may come packed into one field.
  return wireType === wireTypeOf(kind.scalar) || (repeated && wireType === WireType.LengthDelimited);
}

/** Reads what {@link describeHef} may read later, so that damage shows whether it is described or not. */
function checkScalar({ value, wireType }: RawField, scalar: string): void {
  if (scalar === 'string') textIn(value);
  else if (scalar !== 'bytes' && wireType === WireType.LengthDelimited) checkPacked(value, scalar);
}

function checkPacked(value: Uint8Array, scalar: string): void {
  const width = scalar === 'double' ? 8 : scalar === 'float' ? 4 : 0;
  if (width === 0) numbersIn(value, 'uint64');
  else if (value.length % width !== 0) throw new Error(`${value.length} bytes of packed ${scalar} numbers`);
}

const WIRE: Readonly<Record<WireType, UnknownField['wireType']>> = {
  [WireType.Varint]: 'varint',
  [WireType.Bit64]: '64-bit',
  [WireType.LengthDelimited]: 'bytes',
  [WireType.StartGroup]: 'group',
  [WireType.EndGroup]: 'group',
  [WireType.Bit32]: '32-bit',
};
