import { gzipSync, zipSync } from 'fflate';

import { join } from './make-hef.js';

/** A file of an archive: name and content. */
export type HarFile = readonly [name: string, content: Uint8Array | string];

const encoder = new TextEncoder();

/** A tar archive in ustar format. */
export function makeTar(files: readonly HarFile[]): Uint8Array {
  const entries = files.map(([name, content]) => tarEntry(name, bytesOf(content)));
  return join(...entries, new Uint8Array(1024));
}

/** One entry: header and padded content. */
export function tarEntry(name: string, content: Uint8Array, kind = '0'): Uint8Array {
  const padding = new Uint8Array((512 - (content.length % 512)) % 512);
  return join(tarHeader(name, content.length, kind), content, padding);
}

function tarHeader(name: string, size: number, kind: string): Uint8Array {
  const header = new Uint8Array(512);
  const put = (at: number, text: string) => header.set(encoder.encode(text), at);
  put(0, name);
  put(100, '0000644\0');
  put(124, `${size.toString(8).padStart(11, '0')}\0`);
  put(148, '        ');
  put(156, kind);
  put(257, 'ustar\x0000');
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return header;
}

/** A float32 or other array in NumPy's format, all zeros. */
export function makeNpy(shape: readonly number[], dtype = '<f4'): Uint8Array {
  const axes = shape.length === 1 ? `${shape[0] ?? 0},` : shape.join(', ');
  const text = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${axes}), }`;
  const header = `${text.padEnd(117)}\n`;
  const start = join(Uint8Array.of(0x93), encoder.encode('NUMPY'), Uint8Array.of(1, 0, header.length, 0));
  const size = shape.reduce((product, axis) => product * axis, Number(dtype.slice(2)));
  return join(start, encoder.encode(header), new Uint8Array(size));
}

/** An `.npz` archive of arrays by name; deflated as `np.savez_compressed` does, or stored. */
export function makeNpz(arrays: Readonly<Record<string, Uint8Array>>, level: 0 | 6 = 0): Uint8Array {
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, array] as const);
  return zipSync(Object.fromEntries(files), { level });
}

/** Packs an archive. */
export function gzipped(archive: Uint8Array): Uint8Array {
  return gzipSync(archive);
}

/** A small network in the form that public readers of HARs expect. */
export const GRAPH = {
  name: 'net',
  net_params: { version: '1.0', output_layers_order: ['net/fc1'] },
  layers: {
    'net/input_layer1': {
      ...{ type: 'input_layer', input: [], output: ['net/conv1'], input_shapes: [[-1, 32, 32, 3]] },
      ...{ output_shapes: [[-1, 32, 32, 3]], original_names: ['image'], params: {} },
    },
    'net/conv1': {
      ...{ type: 'conv', input: ['net/input_layer1'], output: ['net/fc1'], input_shapes: [[-1, 32, 32, 3]] },
      ...{ output_shapes: [[-1, 16, 16, 8]], original_names: ['conv1', 'relu1'] },
      params: { kernel_shape: [3, 3, 3, 8], strides: [1, 2, 2, 1], activation: 'relu' },
    },
    'net/fc1': {
      ...{ type: 'dense', input: ['net/conv1'], output: ['net/output_layer1'] },
      ...{ output_shapes: [[-1, 5]], original_names: ['scores'] },
      params: { kernel_shape: [8, 5], activation: 'linear' },
    },
    'net/output_layer1': { type: 'output_layer', input: ['net/fc1'], output: [], output_shapes: [[-1, 5]] },
  },
};

/** Weights of {@link GRAPH}, with an array that is no weight. */
export function weights(dtype = '<f4', level: 0 | 6 = 0): Uint8Array {
  return makeNpz(
    {
      'net/conv1/kernel:0': makeNpy([3, 3, 3, 8], dtype),
      'net/conv1/bias:0': makeNpy([8], dtype),
      'net/fc1/kernel:0': makeNpy([8, 5], dtype),
      'net/fc1/bias:0': makeNpy([5], dtype),
      'net/conv1/stats/limvals:0': makeNpy([2]),
    },
    level,
  );
}

/** The files of a HAR in a state of the compiler. */
export function harFiles(state: string, more: readonly HarFile[] = []): HarFile[] {
  const metadata = { state, hn: 'net.hn', sdk_version: '3.31.0', hw_arch: 'hailo8' };
  return [
    ['net.metadata.json', JSON.stringify(metadata)],
    ['net.native.hn', JSON.stringify({ ...GRAPH, name: 'native' })],
    ['net.hn', JSON.stringify(GRAPH)],
    ['net.npz', weights()],
    ...more,
  ];
}

function bytesOf(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? encoder.encode(content) : content;
}
