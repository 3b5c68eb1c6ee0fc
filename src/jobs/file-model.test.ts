/** Network files as classifiers: what Mien writes comes back with its records; files of others run with given ones. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { writeDrawnFaces } from '../data/draw/write.js';
import { writeKeras } from '../export/keras/archive.js';
import { writeOnnx, type WriteOnnxOptions } from '../export/onnx/write-onnx.js';
import { writeTflite, type WriteTfliteOptions } from '../export/tflite/write-tflite.js';
import { drawnModel, recordOf } from '../export/testing/models.js';
import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { globalAveragePooling2d } from '../layers/pooling.js';
import type { Calibration } from '../models/model.js';
import { NetBuilder } from '../models/net-builder.js';
import { GraphBuilder } from '../onnx/builder.js';
import { encodeModel } from '../onnx/encode.js';
import { Emitter } from '../ops/emitter.js';
import { schemaOf } from '../ops/registry.js';
import { ortNode } from '../runtime/node/ort.js';
import { evaluateJob } from './evaluate-job.js';
import { exportJob } from './export-job.js';
import { formatModelInfo, modelInfo } from './model-info.js';
import { predictFiles, type PredictOptions } from './predict-job.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-files-'));
const faces = join(folder, 'faces');
const keras = join(folder, 'small.keras');
const calibrated = join(folder, 'calibrated.keras');
/** A temperature that changes every answer. */
const SURE = { temperature: 0.2 };
const at = (name: string) => join(folder, name);
const CLASSES = ['angry', 'disgust', 'happy', 'neutral', 'surprise'];
const record = recordOf(24, { sourceSize: [20, 20] });
const runtime = ortNode();

function small(calibration?: Calibration) {
  const net = new NetBuilder();
  const conv = net.add(
    conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
    net.input([24, 24, 3]),
    'conv',
  );
  const pooled = net.add(globalAveragePooling2d(), conv, 'pool');
  const model = drawnModel(net.build('small', [net.add(dense({ units: 5 }), pooled, 'logits')]), record);
  return calibration === undefined ? model : { ...model, calibration };
}

beforeAll(async () => {
  await writeDrawnFaces({ out: faces, train: 5, test: 10, classes: CLASSES, seed: 3 });
  writeFileSync(keras, await writeKeras(small()));
  writeFileSync(calibrated, await writeKeras(small(SURE)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function answers(model: string, options: Partial<PredictOptions> = {}) {
  const rows: Readonly<Record<string, number>>[] = [];
  for await (const row of predictFiles({ model, paths: [faces], runtime, batchSize: 4, ...options }))
    if (!('error' in row)) rows.push(row.probabilities);
  return rows;
}

async function worst(model: string, options: Partial<PredictOptions> = {}) {
  const { flip = false } = options;
  const layers = basename(model).startsWith('calibrated') ? calibrated : keras;
  const [found, expected] = [await answers(model, options), await answers(layers, { flip })];
  expect(found).toHaveLength(15);
  return Math.max(
    ...expected.flatMap((row, i) => CLASSES.map((name) => Math.abs(row[name]! - (found[i]?.[name] ?? NaN)))),
  );
}

describe('files that Mien wrote', () => {
  it.each<[string, WriteOnnxOptions]>([
    ['normalized', {}],
    ['images', { input: 'image', softmax: true }],
    ['pixels', { input: 'pixels', batch: 3 }],
    ['half', { precision: 'float16' }],
    ['calibrated', {}],
    ['calibrated images', { input: 'image', softmax: true }],
  ])('ONNX, %s, predict as the layers do', async (name, options) => {
    const path = at(`${name}.onnx`);
    writeFileSync(path, writeOnnx(small(name.startsWith('calibrated') ? SURE : undefined), options));
    const limit = name === 'half' ? 1e-3 : 1e-6;
    expect(await worst(path)).toBeLessThan(limit);
    expect(await worst(path, { flip: true })).toBeLessThan(limit);
  });

  it.each<[string, WriteTfliteOptions]>([
    ['normalized', {}],
    ['images', { input: 'image', softmax: true }],
    ['half', { precision: 'float16', batch: 2 }],
    ['calibrated', {}],
    ['calibrated images', { input: 'image', softmax: true }],
  ])('TensorFlow Lite, %s, predict as the layers do', async (name, options) => {
    const path = at(`${name}.tflite`);
    writeFileSync(path, writeTflite(small(name.startsWith('calibrated') ? SURE : undefined), options));
    expect(await worst(path)).toBeLessThan(name === 'half' ? 1e-3 : 1e-6);
  });

  it('are evaluated and described', async () => {
    const [onnx, tflite] = [at('model.onnx'), at('model.tflite')];
    writeFileSync(onnx, writeOnnx(small()));
    writeFileSync(tflite, writeTflite(small()));
    const evaluate = async (model: string) => (await evaluateJob({ model, data: faces, runtime })).evaluation;
    const expected = await evaluate(keras);
    for (const path of [onnx, tflite]) {
      const { confusionMatrix, n } = await evaluate(path);
      expect({ confusionMatrix, n }).toEqual({ confusionMatrix: expected.confusionMatrix, n: 10 });
      const info = await modelInfo(path);
      expect(info).toMatchObject({
        classes: CLASSES,
        preprocessing: record,
        name: 'small',
        macs: null,
        layers: [],
      });
      expect(info.parameters).toBe((await modelInfo(keras)).parameters);
    }
    const tempered = at('calibrated.onnx');
    writeFileSync(tempered, writeOnnx(small(SURE)));
    expect((await evaluate(tempered)).temperatureScaling!.temperature).toBe(0.2);
    expect(formatModelInfo(await modelInfo(onnx))).toMatch(/^input +input_layer \[3, 24, 24\]$/m);
    expect(formatModelInfo(await modelInfo(tflite))).toMatch(/^CONV_2D +1$/m);
    expect((await modelInfo(onnx)).operators).toMatchObject({ Conv: 1, Gemm: 1 });
  });

  it('cannot be exported again, for their layers are gone', async () => {
    writeFileSync(at('again.onnx'), writeOnnx(small()));
    const options = { model: at('again.onnx'), formats: ['keras'] as const, out: at('again') };
    await expect(exportJob(options, { runtime, litert: () => runtime })).rejects.toThrow(
      `${at('again.onnx')}: received a network without layers, expected a model with layers: a .keras or .h5 file, a run folder or a shipped model.`,
    );
  });
});

/** A network of another tool: mean of each third channel row, other names, NCHW or NHWC, no metadata. */
function foreign(channelsLast: boolean, outputs = 5): Uint8Array {
  const builder = new GraphBuilder('torch-jit-export', schemaOf);
  const o = new Emitter(builder);
  const x = builder.input('actual_input_1', 'float32', channelsLast ? [1, 24, 24, 3] : [1, 3, 24, 24]);
  const planes = channelsLast ? o.transpose(x, [0, 3, 1, 2]) : x;
  const { weights } = small();
  const kernel = Float32Array.from({ length: outputs * 3 }, (_, i) => weights.get('logits/kernel')![i] ?? 0);
  const w = builder.initializer('w', { dtype: 'float32', shape: [3, outputs], data: kernel });
  const pooled = o.op('GlobalAveragePool', [planes]);
  builder.output('output1', o.matMul(o.reshape(pooled, [-1, 3]), w));
  return encodeModel(builder.build(), { producer: 'pytorch', batchSymbol: 'N' });
}

describe('ONNX files that others wrote', () => {
  it('run in both layouts with a given record and names', async () => {
    writeFileSync(at('record.json'), JSON.stringify(record));
    writeFileSync(at('nchw.onnx'), foreign(false));
    writeFileSync(at('nhwc.onnx'), foreign(true));
    const given = { classes: CLASSES, preprocessing: at('record.json') };
    const [a, b] = [await answers(at('nchw.onnx'), given), await answers(at('nhwc.onnx'), given)];
    expect(a).toHaveLength(15);
    expect(b).toEqual(a);
    expect(new Set(a.map((row) => row['happy'])).size).toBeGreaterThan(5);
    const { evaluation } = await evaluateJob({ model: at('nhwc.onnx'), data: faces, runtime, ...given });
    expect(evaluation.n).toBe(10);
  });

  it.each<[string, Partial<PredictOptions>, string]>([
    ['no record', {}, 'model: received no preprocessing record, expected one, so that'],
    ['no names', { preprocessing: 'keras' }, 'model: received no class names, expected one name per output'],
    ['too few names', { classes: ['a'] }, 'received 1 class names (a), expected 5, one per output.'],
  ])('refuse %s', async (_, options, text) => {
    writeFileSync(at('bare.onnx'), foreign(false));
    await expect(answers(at('bare.onnx'), options)).rejects.toThrow(text);
  });

  it('refuse a record of another size', async () => {
    writeFileSync(at('bare.onnx'), foreign(false));
    writeFileSync(at('other.json'), JSON.stringify(recordOf(32)));
    const given = { classes: CLASSES, preprocessing: at('other.json') };
    await expect(answers(at('bare.onnx'), given)).rejects.toThrow(
      'model "torch-jit-export": received pictures of 32×32, 3 channels, from the preprocessing record, expected 24×24, 3 channels; give a record that fits with --preprocessing FILE.',
    );
  });
});
