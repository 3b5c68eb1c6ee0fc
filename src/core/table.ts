/** Lays out rows of cells in columns: the first column flush left, numbers flush right, two spaces between. */
export function alignTable(
  rows: readonly (readonly string[])[],
  leftColumns: readonly number[] = [0],
): string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  return rows.map((row) =>
    widths
      .map((width, column) => pad(row[column] ?? '', width, leftColumns.includes(column)))
      .join('  ')
      .trimEnd(),
  );
}

/** Cuts a name to at most `width` characters, the last one an ellipsis. */
export function shorten(name: string, width: number): string {
  const characters = Array.from(name);
  return characters.length <= width ? name : `${characters.slice(0, width - 1).join('')}…`;
}

/** 2866 as "2,866", whatever the machine's locale. */
export function groupDigits(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

function pad(cell: string, width: number, left: boolean): string {
  const space = ' '.repeat(width - widthOf(cell));
  return left ? cell + space : space + cell;
}

function widthOf(text: string): number {
  return Array.from(text).length;
}
