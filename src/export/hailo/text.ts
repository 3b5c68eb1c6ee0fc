/** Text from a file, fit for a terminal: control characters, which could steer it, become visible. */
export function plain(text: string): string {
  return text.replace(/\p{C}/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A heading and its value in two columns. */
export type Row = readonly [name: string, value: string];

/** Names and values, the values aligned. */
export function fields(rows: readonly Row[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, value]) => `${name.padEnd(width)}${plain(value)}`);
}

/** Rows of cells with a heading, aligned; numbers to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  indent = '  ',
): string[] {
  const cells = [head, ...rows.map((row) => row.map(plain))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const right = head.map((_, column) => rows.every((row) => /^[-\d.,e]*$/.test(row[column] ?? '')));
  return cells.map((row) => {
    const texts = row.map((cell, i) =>
      right[i] === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
    );
    return `${indent}${texts.join('  ')}`.trimEnd();
  });
}

/** Groups of three digits: 2,365,201. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
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
