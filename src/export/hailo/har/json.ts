import { InputError, messageOf } from '../../../core/errors.js';

/** Reads JSON. @throws InputError when it is none. */
export function readJson(where: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const received = `text that is no JSON (${messageOf(error)})`;
    throw new InputError({ where, received, expected: 'an undamaged file' }, { cause: error });
  }
}

/** The value if it is an object, else an empty one. */
export function recordIn(value: unknown): Readonly<Record<string, unknown>> {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Readonly<Record<string, unknown>>) : {};
}

/** A text field of an object; empty when it is missing or something else. */
export function textIn(record: Readonly<Record<string, unknown>>, key: string): string {
  const value = Object.hasOwn(record, key) ? record[key] : undefined;
  return typeof value === 'string' ? value : '';
}

/** The texts of a list; nothing of anything else. */
export function namesIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The numbers of a list, or null when it is none. */
export function numbersIn(value: unknown): number[] | null {
  const isList = Array.isArray(value) && value.every((item) => typeof item === 'number');
  return isList ? value : null;
}
