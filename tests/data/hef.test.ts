/**
 * A real executable: MobileNetV3-Small for five classes, compiled for Hailo-8 by Dataflow Compiler 3.32.0
 * (kim20s2/Project1, MIT). MIEN_HEF names the file.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { InputError } from '../../src/core/errors.js';
import { createRandom, type Random } from '../../src/core/random.js';
import { describeHef } from '../../src/export/hailo/hef/describe.js';
import type { HefDescription } from '../../src/export/hailo/hef/description.js';
import { formatHef } from '../../src/export/hailo/hef/text.js';
import { resealed } from '../../src/export/hailo/testing/make-hef.js';
import { mutated, survive } from '../../src/export/hailo/testing/mutate.js';
import { formatHailo, inspectHailo } from '../../src/jobs/hailo-inspect-job.js';

const NAME = 'fer5_mobilenetv3small_hailo8.hef';
/** Bytes of memory beyond what the process had before 1,000 files of 2.4 MB: one of them, and waste. */
const MOST_MEMORY = 400e6;

const path = process.env['MIEN_HEF'] ?? '';

let bytes: Uint8Array;
let hef: HefDescription;

beforeAll(() => {
  if (!existsSync(path)) throw new Error(`Set MIEN_HEF to the path of ${NAME} to run this suite.`);
  bytes = new Uint8Array(readFileSync(path));
  hef = describeHef(bytes, NAME);
});

describe('the real HEF', () => {
  it('has the header, sizes and checksum that were seen', () => {
    expect(hef).toMatchObject({
      bytes: 2365201,
      header: { version: 2, headerBytes: 44, protobufBytes: 831437, configurationBytes: 1533720 },
      checksums: [{ algorithm: 'XXH3-64', expected: 'b708ab08e21c1193', matches: true }],
      trailingBytes: 0,
    });
  });

  it('names compiler, chip, features and actions', () => {
    expect(hef).toMatchObject({
      compiler: { version: '3.32.0', compiledAt: '2025-10-15T02:11:51.518Z', formatVersion: 5 },
      hardware: { name: 'HAILO8P', number: 1, runsOn: ['hailo8'] },
      mappingBytes: 824249,
      hasClassNames: false,
      externalResources: [],
    });
    expect(hef.features.map(({ name, optional }) => [name, optional])).toEqual([
      ['ABBALE', false],
      ['PADDED_DDR_BUFFERS', false],
      ['PERIPH_CALCULATION_IN_HAILORT', false],
      ['KO_RUN_ASAP', false],
      ['MULTI_NETWORK_VARIABLE_BATCH_SIZE', true],
      ['HW_PADDING', true],
    ]);
    expect(hef.actions).toEqual({
      ...{ write_data_ccw_ptr: 111, enable_lcu: 93, disable_lcu: 93, wait_for_module_config_done: 19 },
      ...{ enable_sequencer: 8, wait_for_seqeuncer: 8, allow_input_dataflow: 2 },
    });
  });

  it('has one network group of one context', () => {
    expect(hef.networkGroups).toHaveLength(1);
    expect(hef.networkGroups[0]).toMatchObject({
      ...{ name: 'model', networks: ['model'], outputOrder: ['model/fc4'], hostOperators: [] },
      ...{ estimatedFps: 2896.1372769069253, estimatedLatency: 0.004670505, configurationChannels: 2 },
      layouts: [{ clusters: null, contexts: [{ index: 0, name: 'model_context_0', operations: 1 }] }],
    });
  });

  it('takes 128×128×3 bytes and gives five', () => {
    const [layout] = hef.networkGroups[0]!.layouts;
    expect(layout?.inputs).toHaveLength(1);
    expect(layout?.inputs[0]).toMatchObject({
      ...{
        name: 'model/input_layer1',
        shape: [128, 128, 3],
        type: 'UINT8',
        order: 'NHWC',
        hostOrder: 'NHWC',
      },
      ...{ layer: 'model/input_layer1', frameBytes: 49152, paddedFrameBytes: 49152, transposed: false },
      quantization: {
        ...{ scale: Math.fround(0.007874016), zeroPoint: 128, perFeature: null },
        limits: [Math.fround(-1.007874), 1],
      },
    });
    expect(layout?.outputs).toHaveLength(1);
    expect(layout?.outputs[0]).toMatchObject({
      ...{ name: 'model/fc4', shape: [1, 1, 5], type: 'UINT8', order: 'NC', layer: 'model/fc3' },
      ...{ originalNames: ['StatefulPartitionedCall_1:0'], frameBytes: 5, paddedFrameBytes: 8 },
      quantization: {
        ...{ scale: Math.fround(0.024782127), zeroPoint: 124, perFeature: null },
        limits: [Math.fround(-3.0729837), Math.fround(3.2464585)],
      },
    });
  });

  it('has no field that the schema does not know', () => {
    expect([hef.unknownFields, hef.moreUnknownFields]).toEqual([[], 0]);
  });

  it('is read from disk as from memory, and prints', () => {
    const { file, ...found } = inspectHailo(path);
    expect(file).toBe(path);
    expect(found).toEqual(hef);
    expect(formatHailo({ file, ...found })).toContain('compiler     Dataflow Compiler 3.32.0, 2025-10-15');
  });

  it('on disk, cut off, is refused in a sentence', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mien-hef-'));
    const cut = join(folder, 'cut.hef');
    writeFileSync(cut, bytes.subarray(0, 100_000));
    expect(() => inspectHailo(cut)).toThrow(
      /cut\.hef: received a file of 100000 bytes, expected the 2365201 bytes that its header promises; the file is truncated/,
    );
    rmSync(folder, { recursive: true });
  });
});

describe('500 mutations of the real HEF, twice', () => {
  /** Half of the damage hits the header or the described parts, which are but few of the bytes. */
  function* mutations(seed: number, seal: (file: Uint8Array) => Uint8Array): Generator<Uint8Array> {
    const random = createRandom(seed);
    for (let i = 0; i < 500; i++) {
      const reach = i % 2 === 0 ? bytes.length : i % 4 === 1 ? 8192 : 44;
      yield seal(changed(reach, random.fork(i)));
    }
  }

  /** The file with damage in its first bytes; mutations that change nothing are drawn again. */
  function changed(reach: number, random: Random): Uint8Array {
    const head = mutated(bytes.subarray(0, reach), random);
    const file = reach === bytes.length ? head : bytes.slice();
    if (file !== head) file.set(head.subarray(0, reach));
    return Buffer.compare(file, bytes) === 0 ? changed(reach, random.fork('again')) : file;
  }

  it.each([
    ['as they come', (file: Uint8Array) => file],
    ['with the checksum made right again', resealed],
  ])('%s: each is described or refused in a sentence', (name, seal) => {
    const before = process.memoryUsage().rss;
    const outcome = survive(
      mutations(7, seal),
      (file) => formatHef(describeHef(file, 'x.hef')),
      (error) => error instanceof InputError && /^x\.hef: received [^\n]*\.$/.test(error.message),
    );
    const grown = process.memoryUsage().rss - before;
    console.log(
      `${name}: ${outcome.described} described, ${outcome.refused} refused, slowest ${outcome.slowest.toFixed(0)} ms, ${(grown / 1e6).toFixed(0)} MB more`,
    );
    expect(outcome.described + outcome.refused).toBe(500);
    expect(outcome.slowest).toBeLessThan(10_000);
    expect(grown).toBeLessThan(MOST_MEMORY);
  });
});
