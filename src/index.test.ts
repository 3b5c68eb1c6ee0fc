import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import * as anywhere from './index.js';
import * as inNode from './node.js';

const SOURCES = fileURLToPath(new URL('.', import.meta.url));
/** `import … from 'x'` and `export … from 'x'` that leave something at run time. */
const STATEMENT = /^(?:import|export)\s+(?!type\b)(?:[^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;

/** Packages that a module needs at run time, by the module that imports them. */
function packagesOf(file: string, found = new Map<string, string>(), seen = new Set<string>()) {
  if (seen.has(file)) return found;
  seen.add(file);
  for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(STATEMENT)) {
    if (target.startsWith('.')) packagesOf(join(dirname(file), target.replace(/\.js$/, '.ts')), found, seen);
    else found.set(target, relative(SOURCES, file));
  }
  return found;
}

describe('the public interface', () => {
  it('needs neither Node nor native code outside mienjs/node', () => {
    const pure = ['yaml', 'onnx-buf', '@bufbuild/protobuf', 'flatbuffers', 'fflate'];
    const others = [...packagesOf(join(SOURCES, 'index.ts'))].filter(
      ([name]) => !pure.some((known) => name === known || name.startsWith(`${known}/`)),
    );
    expect(others).toEqual([]);
  });

  it('is all in mienjs/node, too', () => {
    expect(Object.keys(inNode)).toEqual(expect.arrayContaining(Object.keys(anywhere)));
  });

  it('has what a dozen lines need', () => {
    expect(inNode).toMatchObject({
      train: expect.any(Function) as unknown,
      evaluateJob: expect.any(Function) as unknown,
      predictFiles: expect.any(Function) as unknown,
      ortNode: expect.any(Function) as unknown,
    });
  });
});
