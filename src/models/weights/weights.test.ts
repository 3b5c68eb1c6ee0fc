import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { batchNormalization } from '../../layers/batch-normalization.js';
import { conv2d } from '../../layers/conv2d.js';
import { NetBuilder } from '../net-builder.js';
import { decodeFloat16, encodeFloat16 } from './float16.js';
import { writeHdf5 } from './hdf5.js';
import { readLayoutFile } from './layout-file.js';
import { findWeightFile, loadWeights } from './load.js';
import { findRecord, preprocessingOf, type WeightRecord } from './records.js';

const BN = ['gamma', 'beta', 'moving_mean', 'moving_variance'];

function net(channels = 2) {
  const builder = new NetBuilder();
  const image = builder.input([4, 4, 3]);
  const conv = builder.add(conv2d({ filters: channels, kernelSize: 3, useBias: false }), image, 'conv');
  return builder.build('tiny', [builder.add(batchNormalization(), conv, 'conv_bn')]);
}

/** A weight file in Keras's layout with value i at index i. */
function layoutFile(names: readonly [string, string], channels = 2): Promise<Uint8Array> {
  return writeHdf5((root) => {
    root.create_attribute('layer_names', ['input_1', ...names]);
    // Keras writes an empty list of names as an empty array of numbers.
    root.create_group('input_1').create_attribute('weight_names', new Float64Array(0), [0]);
    const store = (layer: string, weights: Record<string, number[]>) => {
      const group = root.create_group(layer);
      group.create_attribute(
        'weight_names',
        Object.keys(weights).map((name) => `${layer}/${name}:0`),
      );
      const inner = group.create_group(layer);
      for (const [name, shape] of Object.entries(weights)) {
        const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i);
        inner.create_dataset({ name: `${name}:0`, data, shape });
      }
    };
    store(names[0], { kernel: [3, 3, 3, channels] });
    store(names[1], Object.fromEntries(BN.map((name) => [name, [channels]])));
  });
}

describe('readLayoutFile', () => {
  it('reads weights by layer name', async () => {
    const weights = await readLayoutFile(net(), await layoutFile(['conv', 'conv_bn']), 'w.h5');
    expect([...weights.keys()]).toEqual(['conv/kernel', ...BN.map((name) => `conv_bn/${name}`)]);
    expect(weights.get('conv/kernel')?.slice(50)).toEqual(Float32Array.of(50, 51, 52, 53));
  });

  it('reads in order where the names differ', async () => {
    const weights = await readLayoutFile(net(), await layoutFile(['conv1', 'bn1']), 'w.h5');
    expect(weights.get('conv_bn/beta')).toEqual(Float32Array.of(0, 1));
  });

  it('refuses another shape, a truncated file, and bytes that are no HDF5', async () => {
    const bytes = await layoutFile(['conv', 'conv_bn'], 4);
    await expect(readLayoutFile(net(), bytes, 'w.h5')).rejects.toThrow(
      'w.h5: received shape [3, 3, 3, 4] for "conv/conv/kernel:0", expected [3, 3, 3, 2].',
    );
    await expect(readLayoutFile(net(), bytes.subarray(0, 2000), 'w.h5')).rejects.toThrow(
      'w.h5: received a truncated HDF5 file, expected an HDF5 file of weights; copy or download the file again.',
    );
    await expect(readLayoutFile(net(), new Uint8Array(0), 'w.h5')).rejects.toThrow(/no intact HDF5 file/);
    const foreign = await writeHdf5((root) => void root.create_group('a'));
    await expect(readLayoutFile(net(), foreign, 'w.h5')).rejects.toThrow(/received no layer_names/);
  });
});

describe('finding weights', () => {
  let server: Server;
  let file: Uint8Array;
  let record: WeightRecord & { readonly url: string };
  const folder = () => mkdtempSync(join(tmpdir(), 'mien-weights-'));

  beforeAll(async () => {
    file = await layoutFile(['conv', 'conv_bn']);
    server = createServer((request, response) => {
      if (request.url === '/good.h5') response.end(file);
      else if (request.url === '/short.h5') response.end(file.subarray(0, 100));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const digest = createHash('sha256').update(file).digest('hex');
    record = {
      ...findRecord('mobileNetV3Small', 'keras'),
      fileName: 'tiny.h5',
      bytes: file.length,
      checksum: { algorithm: 'sha256', digest },
      url: `http://127.0.0.1:${port}/good.h5`,
    };
  });
  afterAll(() => void server.close());

  it('downloads into the cache once, with progress, and loads', async () => {
    const cacheFolder = folder();
    const seen: (readonly [number, number | undefined])[] = [];
    const weights = await loadWeights(net(), record, {
      cacheFolder,
      onProgress: (...progress) => void seen.push(progress),
    });
    expect(weights.get('conv_bn/gamma')).toEqual(Float32Array.of(0, 1));
    expect(seen.at(-1)?.[0]).toBe(file.length);
    const again = await findWeightFile({ ...record, url: `${record.url}x` }, { cacheFolder });
    expect(readFileSync(again)).toEqual(Buffer.from(file));
  });

  it('prefers the given file, then the folder', async () => {
    const place = folder();
    writeFileSync(join(place, 'tiny.h5'), file);
    expect(await findWeightFile(record, { folder: place })).toBe(join(place, 'tiny.h5'));
    expect(await findWeightFile(record, { file: 'mine.h5', folder: place })).toBe('mine.h5');
  });

  it('keeps nothing of a download with another digest', async () => {
    const cacheFolder = folder();
    const url = record.url.replace('good', 'short');
    await expect(findWeightFile({ ...record, url }, { cacheFolder })).rejects.toThrow(
      /short\.h5: received 100 bytes with sha256 [0-9a-f]{12}…, expected [0-9a-f]{12}…; the file is truncated or changed/,
    );
    expect(existsSync(join(cacheFolder, 'tiny.h5'))).toBe(false);
  });

  it('says what to do when the server is missing, refuses, or sends too much', async () => {
    const cacheFolder = folder();
    const missing = { ...record, url: record.url.replace('good', 'nothing') };
    await expect(findWeightFile(missing, { cacheFolder })).rejects.toThrow(
      `received "status 404" instead of the file, expected a download; download it by other means and save it as ${join(cacheFolder, 'tiny.h5')}.`,
    );
    const offline = { ...record, url: 'http://127.0.0.1:1/tiny.h5' };
    await expect(findWeightFile(offline, { cacheFolder })).rejects.toThrow(
      /received "fetch failed" \(.*\) instead of the file/,
    );
    await expect(findWeightFile({ ...record, bytes: 100 }, { cacheFolder })).rejects.toThrow(
      /more than 100 bytes/,
    );
  });

  it('says where it searched, and refuses a damaged file in the folder', async () => {
    const place = folder();
    await expect(findWeightFile(record, { folder: place, download: false })).rejects.toThrow(
      `weights "keras" of mobileNetV3Small: received no such file in ${place}, expected the file tiny.h5; name the folder that holds it, or the file itself.`,
    );
    writeFileSync(join(place, 'tiny.h5'), file.subarray(0, 500));
    await expect(loadWeights(net(), record, { folder: place })).rejects.toThrow(
      /the file is truncated or changed/,
    );
  });
});

describe('records', () => {
  it('are found by name, or the names are listed', () => {
    expect(findRecord('mobileNetV3Small', 'torchvision').padding).toBe('symmetric');
    expect(() => findRecord('mobileNetV3Small', 'imagenet')).toThrow(
      'weights of mobileNetV3Small: received "imagenet", expected one of torchvision, keras.',
    );
  });

  it('give the preprocessing: Keras wants [-1, 1]', () => {
    const { scale, mean, std } = preprocessingOf(findRecord('mobileNetV3Small', 'keras').input, {
      inputSize: [128, 128],
    });
    expect([0, 255].map((pixel) => (pixel * scale - mean[0]!) / std[0]!)).toEqual([-1, 1]);
  });
});

describe('float16', () => {
  it('rounds to nearest even and keeps zeros, subnormals and infinities', () => {
    const values = Float32Array.of(
      0,
      -0,
      1,
      -2.5,
      65504,
      65520,
      2 ** -24,
      2 ** -26,
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
      -Infinity,
    );
    const expected = [0, -0, 1, -2.5, 65504, Infinity, 2 ** -24, 0, 1, 1 + 2 ** -9, -Infinity];
    expect([...decodeFloat16(encodeFloat16(values))]).toEqual(expected);
  });

  it('brings every half back to its own pattern', () => {
    const patterns = Uint16Array.from({ length: 0x7c01 }, (_, i) => i);
    expect(encodeFloat16(decodeFloat16(patterns))).toEqual(patterns);
  });
});
