import { InputError } from '../core/errors.js';

/** What a setting may hold. */
export type Field =
  | { readonly kind: 'number'; readonly min: number; readonly max: number; readonly whole: boolean }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'text' }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  | { readonly kind: 'list'; readonly of: Field; readonly length?: number }
  | {
      readonly kind: 'record';
      readonly fields: Readonly<Record<string, Field>>;
      /** Fields that must be there. */
      readonly required: readonly string[];
      /** Which further fields must be there, by the value of one field. */
      readonly variants?: { readonly by: string; readonly need: Readonly<Record<string, readonly string[]>> };
    };

/** A record's field. */
export type RecordField = Extract<Field, { kind: 'record' }>;

/** A number in [min, max]. */
export function number(min = -Infinity, max = Infinity): Field {
  return { kind: 'number', min, max, whole: false };
}

/** A whole number in [min, max]. */
export function whole(min: number, max = Infinity): Field {
  return { kind: 'number', min, max, whole: true };
}

/** One of some words. */
export function choice(...of: readonly string[]): Field {
  return { kind: 'choice', of };
}

/** A record of fields; those in `required` must be there. */
export function record(
  fields: Readonly<Record<string, Field>>,
  required: readonly string[] = [],
  variants?: RecordField['variants'],
): RecordField {
  return { kind: 'record', fields, required, ...(variants === undefined ? {} : { variants }) };
}

/**
 * Throws unless a value, read from YAML or given by a caller, has the form of a field.
 * @throws InputError naming the innermost place that is wrong
 */
export function checkField(where: string, value: unknown, field: Field): void {
  if (field.kind === 'list') checkList(where, value, field);
  else if (field.kind === 'record') checkRecord(where, value, field);
  else if (!isScalar(value, field)) throw wrong(where, value, describe(field));
}

/** What a field may hold, for a message: `a whole number of at least 1`. */
export function describe(field: Field): string {
  if (field.kind === 'choice') return `one of ${field.of.join(', ')}`;
  if (field.kind === 'boolean') return 'true or false';
  if (field.kind === 'text') return 'text';
  if (field.kind === 'list') return 'a list, e.g. [1, 2]';
  if (field.kind === 'record') return `a record with ${Object.keys(field.fields).join(', ')}`;
  return `a ${field.whole ? 'whole ' : ''}number${range(field)}`;
}

function isScalar(value: unknown, field: Field): boolean {
  if (field.kind === 'boolean') return typeof value === 'boolean';
  if (field.kind === 'text') return typeof value === 'string';
  if (field.kind === 'choice') return typeof value === 'string' && field.of.includes(value);
  if (field.kind !== 'number' || typeof value !== 'number') return false;
  return value >= field.min && value <= field.max && (!field.whole || Number.isInteger(value));
}

function checkList(where: string, value: unknown, field: Extract<Field, { kind: 'list' }>): void {
  if (!Array.isArray(value) || value.length !== (field.length ?? value.length)) {
    throw wrong(where, value, field.length === undefined ? describe(field) : `a list of ${field.length}`);
  }
  value.forEach((item: unknown, i) => checkField(`${where}.${i + 1}`, item, field.of));
}

function checkRecord(where: string, value: unknown, field: RecordField): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(where, value, describe(field));
  }
  const entries = value as Readonly<Record<string, unknown>>;
  for (const [name, content] of Object.entries(entries)) {
    const inner = field.fields[name];
    if (inner === undefined) throw unknownField(where, name, field);
    if (content !== undefined) checkField(`${where}.${name}`, content, inner);
  }
  const missing = needed(entries, field).find((name) => entries[name] === undefined);
  if (missing !== undefined) {
    throw wrong(`${where}.${missing}`, undefined, describe(field.fields[missing] ?? { kind: 'text' }));
  }
}

function needed(entries: Readonly<Record<string, unknown>>, { required, variants }: RecordField): string[] {
  const variant = variants === undefined ? undefined : entries[variants.by];
  return [...required, ...(variants?.need[String(variant)] ?? [])];
}

/** The error for a name that a record does not have. */
export function unknownField(where: string, name: string, field: RecordField): InputError {
  const expected = `one of ${Object.keys(field.fields).join(', ')}`;
  return new InputError({ where, received: `the unknown field "${name}"`, expected });
}

function wrong(where: string, value: unknown, expected: string): InputError {
  const received = value === undefined ? 'nothing' : JSON.stringify(value);
  return new InputError({ where, received, expected });
}

function range({ min, max }: { readonly min: number; readonly max: number }): string {
  if (min === -Infinity) return max === Infinity ? '' : ` of at most ${max}`;
  return max === Infinity ? ` of at least ${min}` : ` between ${min} and ${max}`;
}
