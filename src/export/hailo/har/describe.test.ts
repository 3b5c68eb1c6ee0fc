import { describe, expect, it } from 'vitest';

import {
  GRAPH,
  gzipped,
  harFiles,
  makeNpy,
  makeNpz,
  makeTar,
  tarEntry,
  weights,
} from '../testing/make-har.js';
import { encode, join, makeHef } from '../testing/make-hef.js';
import { SAMPLE } from '../testing/sample.js';
import { describeHar } from './describe.js';
import { gunzip } from './gunzip.js';
import { formatHar } from './text.js';
import { sourceOf } from '../bytes.js';

const SCRIPT = 'normalization1 = normalization([127.5, 127.5, 127.5], [127.5, 127.5, 127.5])\n';
const quantized = makeTar(
  harFiles('quantized_model', [
    ['net.q.npz', weights('|i1', 6)],
    ['net.alls', SCRIPT],
  ]),
);

/** No file of the real compiler is public: these are made from the public description. */
describe('describeHar, on files made from the public description', () => {
  it('tells state, layers, script and weights', () => {
    const har = describeHar(quantized, 'net.har');
    expect(har).toMatchObject({
      ...{ format: 'har', gzip: false, name: 'net', state: 'quantized', stateName: 'quantized_model' },
      ...{ compilerVersion: '3.31.0', hardware: 'hailo8', outputOrder: ['net/fc1'] },
      graphs: ['net.hn', 'net.native.hn'],
      scripts: [{ file: 'net.alls', text: SCRIPT }],
      weights: [
        { file: 'net.npz', arrays: 5, parameters: 216 + 8 + 40 + 5, types: { '<f4': 5 } },
        { file: 'net.q.npz', arrays: 5, parameters: 269, types: { '|i1': 4, '<f4': 1 } },
      ],
      hef: null,
    });
    expect(har.files.map(({ name }) => name)).toEqual([
      ...['net.metadata.json', 'net.native.hn', 'net.hn', 'net.npz', 'net.q.npz', 'net.alls'],
    ]);
    expect(har.layers.map(({ name, type }) => `${name} ${type}`)).toEqual([
      ...[
        'net/input_layer1 input_layer',
        'net/conv1 conv',
        'net/fc1 dense',
        'net/output_layer1 output_layer',
      ],
    ]);
    expect(har.layers[1]).toEqual({
      ...{ name: 'net/conv1', type: 'conv', inputs: ['net/input_layer1'], outputs: ['net/fc1'] },
      ...{ outputShapes: [[-1, 16, 16, 8]], kernelShape: [3, 3, 3, 8], activation: 'relu' },
      originalNames: ['conv1', 'relu1'],
    });
  });

  it.each([
    ['hailo_model', 'native'],
    ['fp_optimized_model', 'full-precision'],
    ['quantized_model', 'quantized'],
    ['compiled_model', 'compiled'],
    ['constructor', null],
    ['', null],
  ])('knows the state %j as %j', (stateName, state) => {
    expect(describeHar(makeTar(harFiles(stateName)))).toMatchObject({ stateName, state });
  });

  it('reads it packed with gzip', () => {
    const packed = gzipped(quantized);
    expect(describeHar(packed)).toEqual({ ...describeHar(quantized), gzip: true, bytes: packed.length });
  });

  it('describes the executable of a compiled model', () => {
    const hef = makeHef(2, encode('Hef', SAMPLE));
    const har = describeHar(makeTar(harFiles('compiled_model', [['net.hef', hef]])));
    expect(har.hef).toMatchObject({ format: 'hef', compiler: { version: '3.31.0' } });
    expect(formatHar(har)).toContain('executable inside');
    hef[hef.length - 1]! ^= 1;
    expect(() => describeHar(makeTar(harFiles('compiled_model', [['net.hef', hef]])), 'n.har')).toThrow(
      /^n\.har, net\.hef: received content with the XXH3-64 checksum/,
    );
  });

  it('takes the main graph where the metadata names none', () => {
    const files = harFiles('hailo_model').map(([name, content]) =>
      name === 'net.metadata.json'
        ? ([name, '{"state":"hailo_model"}'] as const)
        : ([name, content] as const),
    );
    expect(describeHar(makeTar(files)).graphs).toEqual(['net.hn', 'net.native.hn']);
  });

  it('is lenient about what is missing or of another kind', () => {
    const har = describeHar(
      makeTar([['a.hn', JSON.stringify({ layers: { x: { input: 3, output_shapes: [null] }, y: 7 } })]]),
    );
    expect(har).toMatchObject({
      ...{ name: '', state: null, compilerVersion: '', scripts: [], weights: [] },
    });
    expect(har.layers).toMatchObject([
      { name: 'x', type: '', inputs: [], outputShapes: [[]] },
      { name: 'y' },
    ]);
  });

  it('reads long names of GNU and pax, and sizes from pax', () => {
    const long = `${'d/'.repeat(70)}net.hn`;
    const graph = new TextEncoder().encode(JSON.stringify(GRAPH));
    const end = new Uint8Array(1024);
    const gnu = join(
      tarEntry('././@LongLink', new TextEncoder().encode(`${long}\0`), 'L'),
      tarEntry('cut', graph),
      end,
    );
    expect(describeHar(gnu).graphs).toEqual([long]);
    const record = `path=${long}\n`;
    const pax = `${record.length + 4} ${record}`;
    const withPax = join(tarEntry('pax', new TextEncoder().encode(pax), 'x'), tarEntry('cut', graph), end);
    expect(describeHar(withPax).graphs).toEqual([long]);
  });

  it('leaves folders and links out', () => {
    const folder = tarEntry('folder/', new Uint8Array(), '5');
    expect(describeHar(join(folder, quantized)).files).toHaveLength(6);
  });

  it('prints as a page that can be read', () => {
    expect(`\n${formatHar(describeHar(quantized))}\n`).toMatchInlineSnapshot(`
      "
      format    HAR, 10,752 bytes
      model     net
      state     quantized (quantized_model)
      compiler  Dataflow Compiler 3.31.0
      hardware  hailo8
      graphs    net.hn, net.native.hn
      outputs   net/fc1
      script    net.alls

      4 layers: 1 input_layer, 1 conv, 1 dense, 1 output_layer
        layer              type          from              output     kernel   activation
        net/input_layer1   input_layer                     ?×32×32×3
        net/conv1          conv          net/input_layer1  ?×16×16×8  3×3×3×8  relu
        net/fc1            dense         net/conv1         ?×5        8×5
        net/output_layer1  output_layer  net/fc1           ?×5

      weights
        file       bytes  arrays  kernels and biases  types
        net.npz     2344       5                 269  5 <f4
        net.q.npz    981       5                 269  4 |i1, 1 <f4

      script net.alls
        normalization1 = normalization([127.5, 127.5, 127.5], [127.5, 127.5, 127.5])

      files
        name               bytes
        net.metadata.json     83
        net.native.hn        807
        net.hn               804
        net.npz             2344
        net.q.npz            981
        net.alls              77
      "
    `);
  });
});

describe('damage', () => {
  const end = new Uint8Array(1024);
  const one = (name: string, content: Uint8Array | string) =>
    makeTar([...harFiles('hailo_model'), [name, content]]);
  const npz = makeNpz({ 'net/conv1/kernel:0': makeNpy([3]) });

  it.each([
    [
      'no archive',
      new Uint8Array(600).fill(65),
      'x.har: received a tar header at byte 0 whose checksum is wrong, expected an undamaged archive.',
    ],
    [
      'nothing',
      new Uint8Array(),
      'x.har: received an archive that ends before its end mark, expected a complete tar archive.',
    ],
    [
      'an empty archive',
      end,
      'x.har: received an archive of , expected a HAR, which has a graph (.hn) in it.',
    ],
    [
      'another archive',
      makeTar([['a.txt', 'x']]),
      'x.har: received an archive of a.txt, expected a HAR, which has a graph (.hn) in it.',
    ],
    [
      'cut off',
      quantized.subarray(0, 1600),
      /^x\.har: received net\.native\.hn cut off after \d+ of \d+ bytes, expected a complete archive\.$/,
    ],
    [
      'cut off between two files',
      quantized.subarray(0, 1024),
      'x.har: received an archive that ends before its end mark, expected a complete tar archive.',
    ],
    [
      'no JSON',
      makeTar([['a.hn', '{']]),
      /^x\.har, a\.hn: received text that is no JSON \(.+\), expected an undamaged file\.$/,
    ],
    [
      'no layers',
      makeTar([['a.hn', '[]']]),
      'x.har: received a graph without layers, expected the layers of a model.',
    ],
    [
      'no weights',
      one('a.npz', 'nothing'),
      'x.har, a.npz: received no zip directory, expected an undamaged .npz archive.',
    ],
    [
      'cut weights',
      one('a.npz', npz.subarray(npz.length - 60)),
      /^x\.har, a\.npz: received a directory that lies outside the file/,
    ],
    [
      'an array without header',
      one('a.npz', makeNpz({ k: new Uint8Array(40) })),
      /^x\.har, a\.npz: received no array header in k\.npy/,
    ],
    [
      'a cut gzip file',
      gzipped(quantized).subarray(0, 300),
      /^x\.har: received a gzip file that cannot be unpacked \(.+\), expected an undamaged one\.$/,
    ],
  ])('%s', (_, har, message) => {
    expect(() => describeHar(har, 'x.har')).toThrow(message);
  });

  it('in a gzip file that still unpacks is found by its checksum', () => {
    const packed = gzipped(quantized);
    packed[packed.length - 8]! ^= 1;
    expect(() => describeHar(packed, 'x.har')).toThrow('(its checksum differs)');
  });

  it('a gzip bomb stops at its limit', () => {
    const bomb = gzipped(new Uint8Array(3_000_000));
    expect(bomb.length).toBeLessThan(4_000);
    expect(() => gunzip('x.har', sourceOf(bomb), 1_000_000)).toThrow(
      'x.har: received a packed archive of more than 1000000 bytes, expected a smaller one; unpack it first, e.g. with gunzip.',
    );
  });

  it('weights whose headers unpack without end stop at their limit', () => {
    // 65,535 entries that all name one deflated stretch of zeros.
    const zeros = makeNpz({ k: new Uint8Array(4_000_000) }, 6);
    const view = new DataView(zeros.buffer);
    const directory = view.getUint32(zeros.length - 6, true);
    const row = zeros.subarray(directory, zeros.length - 22);
    const rows = new Uint8Array(row.length * 65_535);
    for (let i = 0; i < 65_535; i++) rows.set(row, i * row.length);
    const tail = zeros.slice(zeros.length - 22);
    const counts = new DataView(tail.buffer);
    counts.setUint16(10, 65_535, true);
    counts.setUint32(12, rows.length, true);
    const hostile = join(zeros.subarray(0, directory), rows, tail);
    const started = performance.now();
    expect(() => describeHar(one('a.npz', hostile), 'x.har')).toThrow(/^x\.har, a\.npz: received /);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
