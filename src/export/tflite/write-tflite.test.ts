import { ByteBuffer } from 'flatbuffers';
import { describe, expect, it } from 'vitest';

import { loadShipped } from '../../jobs/shipped.js';
import { batchNormalization } from '../../layers/batch-normalization.js';
import { conv2d } from '../../layers/conv2d.js';
import { dense } from '../../layers/dense.js';
import { relu } from '../../layers/activation.js';
import { NetBuilder } from '../../models/net-builder.js';
import { readMienRecord } from '../keras/mien-record.js';
import { unzip } from '../keras/zip.js';
import { LAYER_CASES } from '../testing/layer-cases.js';
import { runLiteRt } from '../testing/litert.js';
import { drawnModel, recordOf } from '../testing/models.js';
import { classesOf, compare, drawnInput, preprocessed, runLayers } from '../testing/reference.js';
import { describeTflite, MIEN_METADATA, writeTflite, type WriteTfliteOptions } from './write-tflite.js';

/** Of the largest output: some hundred roundings of float32. */
const LIMIT = 1e-5;

const operatorsOf = (...parameters: Parameters<typeof describeTflite>) =>
  describeTflite(...parameters).operators.map(({ name }) => name);

/** Every buffer of a file: where its data begin, and the data. */
function buffersOf(bytes: Uint8Array): { at: number; data: Uint8Array }[] {
  const flat = new ByteBuffer(bytes);
  const root = flat.readInt32(0);
  const field = (at: number, number: number) => flat.__offset(at, 4 + 2 * number);
  const vector = flat.__vector(root + field(root, 4));
  const count = flat.__vector_len(root + field(root, 4));
  return Array.from({ length: count }, (_, i) => {
    const buffer = flat.__indirect(vector + 4 * i);
    const offset = field(buffer, 0);
    if (offset === 0) return { at: 0, data: new Uint8Array(0) };
    const at = flat.__vector(buffer + offset);
    return { at, data: bytes.subarray(at, at + flat.__vector_len(buffer + offset)) };
  });
}

describe('writeTflite', () => {
  it.each(LAYER_CASES)('computes in LiteRT what the layers compute: $name', async ({ graph }) => {
    const model = drawnModel(graph);
    const x = drawnInput([2, 9, 8, 4]);
    const expected = await runLayers(model, x);
    for (const precision of ['float32', 'float16'] as const) {
      const bytes = writeTflite(model, { batch: 2, precision, names: { output: 'y' } });
      const { outputs } = await runLiteRt(bytes, { input_layer: x });
      const { worst, largest } = compare(outputs['y']?.data ?? [], expected);
      expect(worst).toBeLessThan((precision === 'float32' ? LIMIT : 2e-3) * Math.max(1, largest));
    }
  });

  it('divides logits by the temperature of the record before the softmax', async () => {
    const net = new NetBuilder();
    const graph = net.build('tiny', [net.add(dense({ units: 3 }), net.input([4]), 'logits')]);
    const model = { ...drawnModel(graph), calibration: { temperature: 2.5 } };
    const x = drawnInput([1, 4]);
    const logits = await runLayers(model, x);
    const { outputs } = await runLiteRt(writeTflite(model, { softmax: true }), { input_layer: x });
    const rows = outputs['probabilities']?.data ?? [];
    const odds = Math.log(Number(rows[0]) / Number(rows[1]));
    expect(odds).toBeCloseTo(((logits[0] ?? NaN) - (logits[1] ?? NaN)) / 2.5, 3);
  });

  it('exports the shipped model for raw pictures, wholly accelerated', async () => {
    const model = await loadShipped('mien');
    const pictures = drawnInput([3, 48, 48, 1]);
    const grey = pictures.data.map((value) => Math.round((value + 2) * 63.75));
    const data = Uint8Array.from({ length: grey.length * 3 }, (_, i) => grey[Math.floor(i / 3)] ?? 0);
    const x = await preprocessed(model, { ...pictures, data: grey });
    const expected = await runLayers(model, x);
    const image = { dtype: 'uint8', shape: [3, 48, 48, 3], data } as const;
    const run = async (options: WriteTfliteOptions) =>
      runLiteRt(writeTflite(model, { batch: 3, input: 'image', ...options }), { image });
    const exact = await run({});
    expect(compare(exact.outputs['logits']?.data ?? [], expected).worst).toBeLessThan(1e-4);
    const half = (await run({ precision: 'float16' })).outputs['logits']?.data ?? [];
    expect(classesOf(half, 5)).toEqual(classesOf(expected, 5));
    expect(compare(half, expected).worst).toBeLessThan(0.05);
    const { probabilities } = (await run({ softmax: true })).outputs;
    expect(probabilities?.data.reduce((sum, value) => sum + value, 0)).toBeCloseTo(3, 5);
    expect(exact.accelerated).toBe(true);
  });

  it('resizes colour pictures inside', async () => {
    const net = new NetBuilder();
    const stem = conv2d({ filters: 4, kernelSize: 3, padding: 'same' });
    const graph = net.build('colour', [net.add(stem, net.input([12, 10, 3]), 'stem')]);
    const record = recordOf(12, { inputSize: [12, 10], sourceSize: [7, 8], colour: 'rgb' });
    const model = drawnModel(graph, record);
    const pictures = drawnInput([2, 7, 8, 3]);
    const pixels = pictures.data.map((value) => Math.round((value + 2) * 63.75));
    const expected = await runLayers(model, await preprocessed(model, { ...pictures, data: pixels }));
    const image = { dtype: 'uint8', shape: pictures.shape, data: Uint8Array.from(pixels) } as const;
    const { outputs } = await runLiteRt(writeTflite(model, { batch: 2, input: 'image' }), { image });
    const { worst, largest } = compare(outputs['stem']?.data ?? [], expected);
    expect(worst).toBeLessThan(LIMIT * largest);
  });

  it('fuses activations and padding, and pads only what SAME does not', () => {
    const net = new NetBuilder();
    const conv = conv2d({ filters: 2, kernelSize: 3, strides: 2, padding: 'same', useBias: false });
    const x = net.add(relu(), net.add(batchNormalization(), net.add(conv, net.input([8, 8, 3]))));
    const model = drawnModel(net.build('fused', [x]));
    expect(operatorsOf(model)).toEqual(['CONV_2D']);
    expect(operatorsOf(model, { precision: 'float16' })).toEqual(['DEQUANTIZE', 'DEQUANTIZE', 'CONV_2D']);
    const symmetric = LAYER_CASES.find(({ name }) => name.startsWith('symmetric'));
    const keras = LAYER_CASES.find(({ name }) => name.startsWith('Keras padding'));
    // On 8 columns SAME pads nothing on the left; on 9 rows it is the symmetric padding.
    expect(operatorsOf(drawnModel(symmetric!.graph))).toEqual(['PAD', 'CONV_2D']);
    expect(operatorsOf(drawnModel(keras!.graph))).toEqual(['DEPTHWISE_CONV_2D']);
  });

  it('aligns buffers, keeps the first one empty, and carries record and labels', async () => {
    const model = await loadShipped('mien');
    const bytes = writeTflite(model);
    expect(new TextDecoder().decode(bytes.subarray(4, 8))).toBe('TFL3');
    const [empty, ...buffers] = buffersOf(bytes);
    expect(empty?.data.length).toBe(0);
    expect(buffers.filter(({ at }) => at % 16 !== 0)).toEqual([]);
    const texts = buffers.map(({ data }) => new TextDecoder().decode(data));
    expect(texts.filter((text) => text.slice(4, 8) === 'M001').length).toBe(1);
    const record = texts.find((text) => text.startsWith('{') && text.includes('"mien-model"'));
    expect(readMienRecord('model.tflite', record)).toEqual({
      preprocessing: model.preprocessing,
      classes: model.classes,
      origin: model.origin,
    });
    expect(MIEN_METADATA).toBe('MIEN');
    const files = unzip('model.tflite', bytes, { 'labels.txt': 1000 });
    expect(new TextDecoder().decode(files.get('labels.txt'))).toBe(
      'angry\ndisgust\nhappy\nneutral\nsurprise\n',
    );
  });

  it('refuses what does not fit', () => {
    const net = new NetBuilder();
    const x = net.add(conv2d({ filters: 2, kernelSize: 1 }), net.input([8, 8, 3]), 'stem');
    const model = drawnModel(net.build('wide', [x]));
    model.weights.set('stem/kernel', new Float32Array(6).fill(1e5));
    expect(() => writeTflite(model, { precision: 'float16' })).toThrow(
      'export of "stem/kernel": received the weight 100000, expected numbers between −65504 and 65504 for float16; export it in float32.',
    );
    expect(() => writeTflite(model, { batch: 0 })).toThrow(
      'batch: received 0, expected an integer of at least 1.',
    );
    expect(() => writeTflite(model, { input: 'image' })).toThrow('a model without a preprocessing record');
  });
});
