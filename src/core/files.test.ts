import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { InputError } from './errors.js';
import { writeFileAtomic } from './files.js';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mien-files-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function failureOf(run: () => void): InputError {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('writeFileAtomic', () => {
  it('writes text and bytes, makes folders, replaces, and leaves nothing else', () => {
    const path = join(folder, 'a', 'b', 'file');
    writeFileAtomic(path, 'für');
    expect(readFileSync(path, 'utf8')).toBe('für');
    // A view into a larger buffer: only its own bytes count.
    writeFileAtomic(path, Uint8Array.of(9, 1, 2, 3, 9).subarray(1, 4));
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
    writeFileAtomic(path, '');
    expect(readFileSync(path)).toHaveLength(0);
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['file']);
  });

  it('leaves the old file when the new one cannot be finished', () => {
    // The name is taken by a folder with content: the last step, the rename, fails.
    const path = join(folder, 'taken');
    mkdirSync(path);
    writeFileSync(join(path, 'old'), 'old');
    const error = failureOf(() => writeFileAtomic(path, 'new'));
    expect(error.message).toMatch(/^.*taken: received "E[A-Z]+: .*" while writing, expected /);
    expect(readFileSync(join(path, 'old'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['taken']);
  });

  it('leaves the old file when the temporary one cannot be written', () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'old');
    // The temporary name is taken by a folder, as an unwritable one would be.
    mkdirSync(`${path}.${process.pid}.tmp`);
    failureOf(() => writeFileAtomic(path, 'new'));
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('names a parent that is a file', () => {
    writeFileSync(join(folder, 'file'), '');
    const error = failureOf(() => writeFileAtomic(join(folder, 'file', 'inner'), 'x'));
    expect(error).toBeInstanceOf(InputError);
    expect(error.problem.where).toBe(join(folder, 'file', 'inner'));
    expect(error.message).toContain('expected a writable folder with free space; ');
    expect(error.message).toContain('free some space or choose another folder.');
    expect(error.cause).toBeInstanceOf(Error);
  });
});
