import { describe, expect, it } from 'vitest';

import { sizeOf, type Tensor } from '../../core/tensor.js';
import { decodeModel } from '../../onnx/decode.js';
import { checkGraph } from '../../onnx/check.js';
import { schemaOf } from '../../ops/registry.js';
import { loadShipped } from '../../jobs/shipped.js';
import { conv2d } from '../../layers/conv2d.js';
import { batchNormalization } from '../../layers/batch-normalization.js';
import { dense } from '../../layers/dense.js';
import { relu } from '../../layers/activation.js';
import { NetBuilder } from '../../models/net-builder.js';
import { LAYER_CASES } from '../testing/layer-cases.js';
import { drawnModel, recordOf } from '../testing/models.js';
import {
  channelsFirst,
  channelsLast,
  classesOf,
  compare,
  drawnInput,
  preprocessed,
  runLayers,
  runOnnx,
} from '../testing/reference.js';
import { loadKeras } from '../keras/archive.js';
import { onnxGraph, writeOnnx } from './write-onnx.js';

/** Of the largest output: some hundred roundings of float32. */
const LIMIT = 1e-5;

const floats = (tensor: Tensor) => channelsLast(tensor);

describe('writeOnnx', () => {
  it.each(LAYER_CASES)('computes what the layers compute: $name', async ({ graph }) => {
    const model = drawnModel(graph);
    checkGraph(onnxGraph(model), schemaOf);
    const bytes = writeOnnx(model);
    for (const batch of [1, 3]) {
      const x = drawnInput([batch, 9, 8, 4], batch);
      const expected = await runLayers(model, x);
      const found = floats(await runOnnx(bytes, channelsFirst(x)));
      const { worst, largest } = compare(found, expected);
      expect(worst).toBeLessThan(LIMIT * Math.max(1, largest));
    }
  });

  it('exports the shipped model for raw pictures, in float32 and float16', async () => {
    const model = await loadShipped('mien');
    const pictures = drawnInput([5, 48, 48, 1]);
    const grey = pictures.data.map((value) => Math.round((value + 2) * 63.75));
    const raw = Uint8Array.from({ length: grey.length * 3 }, (_, i) => grey[Math.floor(i / 3)] ?? 0);
    const x = await preprocessed(model, { ...pictures, data: grey });
    const expected = await runLayers(model, x);
    const image: Tensor = { dtype: 'uint8', shape: [5, 48, 48, 3], data: raw };
    const exact = floats(await runOnnx(writeOnnx(model, { input: 'image' }), image, 'image'));
    expect(compare(exact, expected).worst).toBeLessThan(1e-4);
    const half = writeOnnx(model, { input: 'image', precision: 'float16' });
    const rounded = floats(await runOnnx(half, image, 'image'));
    expect(classesOf(rounded, 5)).toEqual(classesOf(expected, 5));
    expect(compare(rounded, expected).worst).toBeLessThan(0.03);
    expect(half.length).toBeLessThan(0.55 * writeOnnx(model).length);
  });

  it('ends in probabilities on request, and leaves a softmax that is there', async () => {
    const model = await loadShipped('mien');
    const bytes = writeOnnx(model, { softmax: true, batch: 2, names: { input: 'pixel_values' } });
    const result = await runOnnx(bytes, channelsFirst(drawnInput([2, 128, 128, 3])), 'pixel_values');
    expect(result.shape).toEqual([2, 5]);
    expect(floats(result).reduce((sum, value) => sum + value, 0)).toBeCloseTo(2, 5);
    const zoo = await loadKeras(new URL('../../../tests/golden/keras_zoo.keras', import.meta.url).pathname);
    expect(onnxGraph(zoo, { softmax: true }).nodes.length).toBe(onnxGraph(zoo).nodes.length);
  });

  it('divides logits by the temperature of the record, for probabilities alone', async () => {
    const net = new NetBuilder();
    const graph = net.build('tiny', [net.add(dense({ units: 3 }), net.input([4]), 'logits')]);
    const model = { ...drawnModel(graph), calibration: { temperature: 2.5 } };
    const x = drawnInput([2, 4]);
    const logits = floats(await runOnnx(writeOnnx(model), x));
    const rows = floats(await runOnnx(writeOnnx(model, { softmax: true }), x));
    expect(compare(logits, await runLayers(model, x)).worst).toBeLessThan(LIMIT);
    for (const [a, b] of [
      [0, 1],
      [4, 5],
    ] as const) {
      const odds = Math.log((rows[a] ?? NaN) / (rows[b] ?? NaN));
      expect(odds).toBeCloseTo(((logits[a] ?? NaN) - (logits[b] ?? NaN)) / 2.5, 4);
    }
    expect(onnxGraph(model, { softmax: true }).metadata?.['calibration']).toBe('{"temperature":2.5}');
  });

  it('names nodes after layers, and carries labels, record and origin', () => {
    const net = new NetBuilder();
    const x = net.add(
      conv2d({ filters: 2, kernelSize: 3, useBias: false }),
      net.input([8, 8, 3], 'face'),
      'stem',
    );
    const graph = net.build('named', [net.add(relu(), net.add(batchNormalization(), x, 'norm'), 'active')]);
    const model = drawnModel(graph, recordOf(8));
    const decoded = decodeModel(writeOnnx(model, { batch: 4 }), schemaOf);
    expect(decoded.nodes.map(({ name, opType }) => [name, opType])).toEqual([
      ['stem', 'Conv'],
      ['active', 'Relu'],
    ]);
    expect(decoded.inputs[0]).toMatchObject({ name: 'face', shape: [4, 3, 8, 8] });
    expect(decoded.metadata).toEqual({
      'mien.version': '1',
      'mien.input': 'normalized',
      'mien.output': 'logits',
      labels: JSON.stringify(model.classes),
      preprocessing: JSON.stringify(model.preprocessing),
      origin: '{"net":"named"}',
    });
    const dynamic = Buffer.from(writeOnnx(model));
    expect(dynamic.includes('batch')).toBe(true);
    expect(sizeOf(decoded.outputs[0]?.shape ?? [])).toBe(4 * 2 * 6 * 6);
  });

  it('refuses what does not fit', () => {
    const net = new NetBuilder();
    const graph = net.build('wide', [
      net.add(conv2d({ filters: 2, kernelSize: 1 }), net.input([8, 8, 3]), 'stem'),
    ]);
    const model = drawnModel(graph);
    model.weights.set('stem/kernel', new Float32Array(6).fill(1e5));
    expect(() => writeOnnx(model, { precision: 'float16' })).toThrow(
      'export of "stem/kernel": received the weight 100000, expected numbers between −65504 and 65504 for float16; export it in float32.',
    );
    expect(() => writeOnnx(model, { input: 'image' })).toThrow(
      'export of "wide": received a model without a preprocessing record, expected one that says how pictures become input; export it for normalized input.',
    );
    expect(() => writeOnnx({ ...model, preprocessing: recordOf(16) }, { input: 'image' })).toThrow(
      'export of "wide": received a model that takes [8, 8, 3], expected one input [16, 16, 3] as in the preprocessing record.',
    );
    expect(() => writeOnnx(model, { opset: 16 })).toThrow(
      'opset: received 16, expected an integer between 17 and 21.',
    );
    expect(() => writeOnnx(model, { names: { output: 'input_layer' } })).toThrow(
      'export of "wide": received the name "input_layer" for an input or output, expected a name that nothing else has.',
    );
  });
});
