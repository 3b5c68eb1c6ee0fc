import { alignTable } from '../../core/table.js';

/** Text from a file, fit for a terminal: control characters, which could steer it, become visible. */
export function plain(text: string): string {
  return text.replace(/\p{C}/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A heading and its value in two columns. */
export type Row = readonly [name: string, value: string];

/** Names and values, the values aligned. */
export function fields(rows: readonly Row[]): string[] {
  return alignTable(
    rows.map(([name, value]) => [name, plain(value)]),
    [0, 1],
  );
}

/** Rows of cells with a heading, aligned; numbers to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  indent = '  ',
): string[] {
  const isText = (column: number) => !rows.every((row) => /^[-\d.,e]*$/.test(row[column] ?? ''));
  const left = [...head.keys()].filter(isText);
  return alignTable([head, ...rows.map((row) => row.map(plain))], left).map((line) => indent + line);
}

/** The fewest digits that name the same float32. */
export function float32Text(value: number): string {
  const target = Math.fround(value);
  for (let digits = 1; digits <= 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === target) return String(Number(text));
  }
  return String(value);
}

/** Sizes of the axes: 128 × 128 × 3. */
export function shapeText(shape: readonly number[]): string {
  return shape.map((size) => (size < 0 ? '?' : String(size))).join('×');
}

/** `3 conv, 1 dense` */
export function counts(record: Readonly<Record<string, number>>): string {
  const entries = Object.entries(record);
  return entries.length === 0 ? 'none' : entries.map(([name, count]) => `${count} ${name}`).join(', ');
}
