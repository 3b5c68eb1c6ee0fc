import { ACTIONS } from './actions.js';
import { CONTAINER } from './container.js';
import { ENUMS } from './enums.js';
import type { Field, Fields, Scalar } from './fields.js';
import { SCALARS } from './fields.js';
import { LAYERS } from './layers.js';
import { OPERATORS } from './operators.js';

export type { Field, Fields, Scalar } from './fields.js';
export { ENUMS } from './enums.js';

/**
 * The messages of a HEF's protobuf: field numbers, names and types of the schema that HailoRT 5.2.0 publishes
 * (hailo-ai/hailort, hailort/libhailort/hef.proto). Message names stand without their common prefix `ProtoHEF`.
 */
export const MESSAGES = { ...CONTAINER, ...LAYERS, ...OPERATORS, ...ACTIONS };

/** Name of a message in {@link MESSAGES}. */
export type MessageName = keyof typeof MESSAGES;

/** The release whose schema {@link MESSAGES} follows. */
export const SCHEMA_RELEASE = 'HailoRT 5.2.0';

/** How a field's bytes are read: as a message, or as a scalar (an enumeration is an int32). */
export type FieldKind =
  { readonly message: MessageName } | { readonly message: undefined; readonly scalar: Scalar };

/** The fields of a message by number. */
export function fieldsOf(message: MessageName): Fields {
  return MESSAGES[message];
}

/** What a field holds. */
export function kindOf([name, type]: Field): FieldKind {
  if (isMessage(type)) return { message: type };
  if (type in ENUMS) return { message: undefined, scalar: 'int32' };
  const scalar = SCALARS.find((known) => known === type);
  if (scalar !== undefined) return { message: undefined, scalar };
  throw new TypeError(`schema: field ${name} has the unknown type ${type}`);
}

function isMessage(type: string): type is MessageName {
  return Object.hasOwn(MESSAGES, type);
}

/** Name of an enumeration's value; a number that the schema does not know stays a number in words. */
export function enumName(enumeration: keyof typeof ENUMS, value: number): string {
  const names: Readonly<Record<number, string>> = ENUMS[enumeration];
  return names[value] ?? `unknown (${value})`;
}
