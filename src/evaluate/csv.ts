import { InputError } from '../core/errors.js';

/**
 * Rows of a CSV text by RFC 4180: cells quoted or not, `""` inside quotes, line ends of any kind. Empty lines are left
 * out.
 *
 * @throws InputError on a quote that does not end, or ends before its cell does
 */
export function parseCsv(where: string, text: string): string[][] {
  const rows: string[][] = [];
  const source = text.replace(/^\uFEFF/, '');
  let row: string[] = [];
  for (let at = 0; at < source.length;) {
    const { cell, end } = source[at] === '"' ? quotedCell(where, source, at) : plainCell(source, at);
    row.push(cell);
    at = end + 1;
    if (source[end] === ',') {
      // A comma at the very end stands before one more, empty cell.
      if (at >= source.length) row.push('');
      else continue;
    }
    if (source[end] === '\r' && source[at] === '\n') at++;
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  return rows;
}

function plainCell(source: string, start: number): { cell: string; end: number } {
  let end = start;
  while (end < source.length && !',\r\n'.includes(source[end] ?? '')) end++;
  return { cell: source.slice(start, end), end };
}

function quotedCell(where: string, source: string, start: number): { cell: string; end: number } {
  let cell = '';
  for (let from = start + 1; ;) {
    const quote = source.indexOf('"', from);
    if (quote < 0) {
      const line = source.slice(0, start).split('\n').length;
      throw new InputError({ where, received: `a quote in line ${line} that does not end`, expected: 'CSV' });
    }
    cell += source.slice(from, quote);
    if (source[quote + 1] !== '"') {
      checkEnd(where, source, { start, end: quote + 1 });
      return { cell, end: quote + 1 };
    }
    cell += '"';
    from = quote + 2;
  }
}

function checkEnd(
  where: string,
  source: string,
  cell: { readonly start: number; readonly end: number },
): void {
  if (cell.end >= source.length || ',\r\n'.includes(source[cell.end] ?? '')) return;
  const received = JSON.stringify(source.slice(cell.start, cell.start + 40));
  throw new InputError({ where, received, expected: 'cells separated by commas' });
}
