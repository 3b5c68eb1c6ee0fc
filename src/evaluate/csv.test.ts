import { describe, expect, it } from 'vitest';

import { parseCsv } from './csv.js';

describe('parseCsv', () => {
  it.each([
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['\uFEFFa\r\n"x, ""y""\nz"\r\n', [['a'], ['x, "y"\nz']]],
    [
      'a,\n,b',
      [
        ['a', ''],
        ['', 'b'],
      ],
    ],
    ['a,b,', [['a', 'b', '']]],
    ['\n\na\r\r', [['a']]],
    ['', []],
  ])('%j', (text, rows) => {
    expect(parseCsv('x.csv', text)).toEqual(rows);
  });

  it('names the line of a quote that does not end', () => {
    expect(() => parseCsv('x.csv', 'a\nb\n"c\nd')).toThrow(
      'x.csv: received a quote in line 3 that does not end, expected CSV.',
    );
  });
});

it('parseCsv ends rows at either line end and keeps empty cells', () => {
  expect(parseCsv('x.csv', 'a,b\r\n,"x""y"\n')).toEqual([
    ['a', 'b'],
    ['', 'x"y'],
  ]);
  expect(parseCsv('x.csv', 'a,b')).toEqual([['a', 'b']]);
  expect(parseCsv('x.csv', '')).toEqual([]);
  expect(() => parseCsv('x.csv', 'a\n"b"c')).toThrow(
    'x.csv: received "\\"b\\"c", expected cells separated by commas.',
  );
});
