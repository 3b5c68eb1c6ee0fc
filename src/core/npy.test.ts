import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { InputError } from './errors.js';
import { writeNpyRows } from './npy-file.js';
import { decodeNpy, encodeNpy, npyHeader, npyLayout } from './npy.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-npy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('npyHeader', () => {
  it('is what NumPy writes', () => {
    // np.save of np.zeros((2, 3), 'u1'): magic, version 1.0, length 118, the dictionary, spaces, a line end.
    const text = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }";
    const expected = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${text.padEnd(117)}\n`, 'latin1');
    expect(Buffer.from(npyHeader('|u1', [2, 3]))).toEqual(expected);
  });

  it('spells one axis and none as Python does, and ends on a multiple of 64', () => {
    expect(Buffer.from(npyHeader('<f4', [7])).toString('latin1')).toContain("'shape': (7,), }");
    expect(Buffer.from(npyHeader('<f4', [])).toString('latin1')).toContain("'shape': (), }");
    for (const digits of [1, 10, 60, 120]) {
      expect(npyHeader('<i4', [1, Number('1'.repeat(Math.min(15, digits)))]).length % 64).toBe(0);
    }
  });
});

describe('decodeNpy', () => {
  it.each([
    ['|u1' as const, [2, 2], Uint8Array.of(1, 2, 254, 255)],
    ['<f4' as const, [3], Float32Array.of(1.5, -2, 1e-30)],
    ['<i4' as const, [1, 2], Int32Array.of(-1, 2 ** 30)],
  ])('gives back %s', (dtype, shape, data) => {
    expect(decodeNpy(encodeNpy({ dtype, shape, data }))).toEqual({ dtype, shape, data });
  });

  it.each([
    ['nothing', new Uint8Array(0), "a file without NumPy's header"],
    ['text', Buffer.from('not an array at all'), "a file without NumPy's header"],
    ['a cut header', npyHeader('|u1', [1]).subarray(0, 40), 'a header that is cut off'],
    ['too few values', npyHeader('<f4', [2]), '0 bytes of values for a shape that takes 8'],
  ])('refuses %s', (_, file, received) => {
    expect(() => decodeNpy(file, 'x.npy')).toThrow(InputError);
    expect(() => decodeNpy(file, 'x.npy')).toThrow(`x.npy: received ${received}, expected an undamaged .npy`);
  });

  it('refuses other types and Fortran order by name', () => {
    const header = Buffer.from(npyHeader('<f4', [1])).toString('latin1');
    const changed = (from: string, to: string) => Buffer.from(header.replace(from, to), 'latin1');
    expect(() => npyLayout('x', changed('<f4', '>f8'))).toThrow('received values of type >f8');
    expect(() => npyLayout('x', changed('False', 'True '))).toThrow('received an array in Fortran order');
    expect(() => npyLayout('x', changed('descr', 'descs'))).toThrow('received a header that cannot be read');
  });
});

describe('writeNpyRows', () => {
  it('writes the rows of a generator and leaves nothing else', () => {
    const path = join(folder, 'a', 'rows.npy');
    const rows = function* () {
      for (let i = 0; i < 3; i++) yield Uint8Array.of(i, i + 10);
    };
    writeNpyRows(path, '|u1', [3, 2], rows());
    expect(decodeNpy(readFileSync(path)).data).toEqual(Uint8Array.of(0, 10, 1, 11, 2, 12));
    expect(readdirSync(join(folder, 'a'))).toEqual(['rows.npy']);
  });

  it('leaves no file when rows are missing or of another size', () => {
    const path = join(folder, 'b', 'rows.npy');
    expect(() => writeNpyRows(path, '|u1', [2, 2], [Uint8Array.of(1, 2)])).toThrow('1 rows, expected 2');
    expect(() => writeNpyRows(path, '|u1', [1, 2], [Uint8Array.of(1)])).toThrow(
      'a row of 1 bytes, expected 2',
    );
    expect(readdirSync(join(folder, 'b'))).toEqual([]);
  });

  it('names a folder that cannot be written', () => {
    const inside = join(folder, 'a', 'rows.npy', 'x.npy');
    expect(() => writeNpyRows(inside, '|u1', [0], [])).toThrow(/x\.npy: received "E.*" while writing/);
  });
});
