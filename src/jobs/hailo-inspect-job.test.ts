import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { describeHef } from '../export/hailo/hef/describe.js';
import { gzipped, harFiles, makeTar } from '../export/hailo/testing/make-har.js';
import { encode, makeHef } from '../export/hailo/testing/make-hef.js';
import { SAMPLE } from '../export/hailo/testing/sample.js';
import { formatHailo, inspectHailo } from './hailo-inspect-job.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-hailo-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('inspectHailo', () => {
  it('describes a HEF as from memory', () => {
    const hef = makeHef(2, encode('Hef', SAMPLE), { configuration: new Uint8Array(300_000) });
    const path = written('a.hef', hef);
    expect(inspectHailo(path)).toEqual({ file: path, ...describeHef(hef) });
    expect(formatHailo(inspectHailo(path))).toContain('HEF version 2, 300,597 bytes');
  });

  it('describes a HAR, plain or packed, whatever its name', () => {
    const tar = makeTar(harFiles('quantized_model'));
    for (const [name, content] of [
      ['a.har', tar],
      ['b.bin', gzipped(tar)],
    ] as const) {
      const found = inspectHailo(written(name, content));
      expect(found).toMatchObject({ format: 'har', state: 'quantized', gzip: name === 'b.bin' });
      expect(formatHailo(found)).toContain('state     quantized (quantized_model)');
    }
  });

  it('refuses what cannot be read in one sentence', () => {
    const missing = join(folder, 'none.hef');
    expect(() => inspectHailo(missing)).toThrow(
      `${missing}: received a file that cannot be read (ENOENT: no such file or directory, open '${missing}'), expected a HEF or a HAR.`,
    );
    expect(() => inspectHailo(folder)).toThrow(
      `${folder}: received no regular file, expected a HEF or a HAR.`,
    );
    const text = written('c.har', 'not at all');
    expect(() => inspectHailo(text)).toThrow(
      `${text}: received a file that is no tar archive, expected a HAR.`,
    );
    const other = written('c.txt', 'not at all');
    expect(() => inspectHailo(other)).toThrow(
      `${other}: received a file that does not start like one (6e 6f 74 20), expected a HEF, whose first bytes are 01 48 45 46.`,
    );
  });

  it('holds the protobuf in memory, and no more than a megabyte of the rest at once', () => {
    const hef = makeHef(2, encode('Hef', SAMPLE), { configuration: new Uint8Array(2_000_000) });
    const lengths: number[] = [];
    const source = {
      size: hef.length,
      read: (offset: number, length: number) => {
        lengths.push(length);
        return hef.subarray(offset, offset + length);
      },
    };
    expect(describeHef(source)).toEqual(describeHef(hef));
    expect(Math.max(...lengths)).toBe(2 ** 20);
  });
});
