import { InputError } from '../core/errors.js';

/** Values of the Usage column of `fer2013.csv`. */
export type Usage = 'Training' | 'PublicTest' | 'PrivateTest';

const usageNames: readonly Usage[] = ['Training', 'PublicTest', 'PrivateTest'];

/** Position of each column. */
export interface CsvLayout {
  readonly emotion: number;
  readonly pixels: number;
  readonly usage: number;
  readonly columns: number;
}

/** The text of a row's fields, trimmed and unquoted. */
export interface CsvFields {
  readonly emotion: string;
  readonly pixels: string;
  readonly usage: string;
}

/**
 * Finds the three columns in the header line; names may have spaces, quotes and any case.
 * @throws InputError when one is missing.
 */
export function parseLayout(where: string, header: string): CsvLayout {
  // A byte order mark of UTF-8, read as Latin-1, is three characters.
  const names = splitFields(header.replace(/^\u00ef\u00bb\u00bf/, '')).map((name) => name.toLowerCase());
  const [emotion = -1, pixels = -1, usage = -1] = ['emotion', 'pixels', 'usage'].map((n) => names.indexOf(n));
  if (Math.min(emotion, pixels, usage) >= 0) return { emotion, pixels, usage, columns: names.length };
  const start = header.length > 60 ? `${header.slice(0, 60)}…` : header;
  const received = header === '' ? 'an empty file' : `the header "${start}"`;
  throw new InputError({ where, received, expected: 'a header with emotion, pixels and Usage' });
}

/** The fields of a data row, or the reason why it has none. */
export function splitRow(text: string, layout: CsvLayout): CsvFields | string {
  const fields = splitFields(text);
  if (fields.length !== layout.columns) return `${fields.length} fields instead of ${layout.columns}`;
  const field = (position: number) => fields[position] ?? '';
  return { emotion: field(layout.emotion), pixels: field(layout.pixels), usage: field(layout.usage) };
}

/** The Usage value that `text` names. */
export function usageOf(text: string): Usage | undefined {
  return usageNames.find((name) => name === text);
}

/** Exactly `count` grey levels 0..255 separated by blanks, or the reason why `text` is something else. */
export function parsePixels(text: string, count: number): Uint8Array | string {
  const pixels = new Uint8Array(count);
  let found = 0;
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
    const end = wordEnd(text, at);
    const value = readLevel(text, at, end);
    if (value === undefined) return `pixel ${found + 1} is "${text.slice(at, Math.min(end, at + 20))}"`;
    if (found < count) pixels[found] = value;
    found++;
    at = end;
  }
  return found === count ? pixels : `${found} pixels instead of ${count}`;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) === blank) at++;
  return at;
}

function wordEnd(text: string, from: number): number {
  const end = text.indexOf(' ', from);
  return end < 0 ? text.length : end;
}

/** An integer 0..255 of one to three digits in `text[from..end)`. */
function readLevel(text: string, from: number, end: number): number | undefined {
  if (end - from > 3) return undefined;
  let value = 0;
  for (let at = from; at < end; at++) {
    const digit = text.charCodeAt(at) - zero;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value <= 255 ? value : undefined;
}

const blank = ' '.charCodeAt(0);
const zero = '0'.charCodeAt(0);

/** Comma-separated fields; none of this format holds a comma or a quote inside. */
function splitFields(text: string): string[] {
  return text.split(',').map((field) =>
    field
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .trim(),
  );
}
