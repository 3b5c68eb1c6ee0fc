import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { drawFaces } from '../data/draw/draw.js';
import { writeDrawnFaces } from '../data/draw/write.js';
import { saveKeras } from '../export/keras/archive.js';
import { writeOnnx, type WriteOnnxOptions } from '../export/onnx/write-onnx.js';
import { drawnModel, recordOf } from '../export/testing/models.js';
import { quantizeModel } from '../export/quantize/quantize-model.js';
import { writeQuantizedTflite } from '../export/quantize/write-quantized.js';
import { relu } from '../layers/activation.js';
import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { globalAveragePooling2d } from '../layers/pooling.js';
import type { Model } from '../models/model.js';
import { NetBuilder } from '../models/net-builder.js';
import { ortNode } from '../runtime/node/ort.js';
import { evaluateJob } from './evaluate-job.js';
import { formatHailoComparison, hailoCompareJob, type HailoCompareOptions } from './hailo-compare-job.js';
import { modelPreprocessing } from './model-source.js';
import { openNormalizer } from './quantize-pictures.js';
import { saveSmallModel, smallModel } from './testing/small-model.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-device-'));
afterAll(() => rmSync(folder, { recursive: true }));
const CLASSES = ['happy', 'angry'];
const data = join(folder, 'faces');
let options: HailoCompareOptions;
let rows: string[];

beforeAll(async () => {
  await writeDrawnFaces({ out: data, train: 4, test: 12, classes: [...CLASSES, 'sad'], seed: 3 });
  const float = await saveSmallModel(join(folder, 'net.keras'), CLASSES);
  const runtime = ortNode();
  const out = join(folder, 'evaluation');
  await evaluateJob({ model: float, data, out, runtime });
  const deviceLog = join(out, 'predictions.csv');
  rows = readFileSync(deviceLog, 'utf8').trimEnd().split('\n');
  options = { float, deviceLog, data, runtime };
}, 120_000);

function log(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

function onnx(name: string, how: WriteOnnxOptions): string {
  const path = join(folder, name);
  writeFileSync(path, writeOnnx(smallModel(CLASSES), { batch: 1, ...how }));
  return path;
}

/** A net that is quantized in no time. */
function tinyModel(): Model {
  const net = new NetBuilder();
  const conv = net.add(conv2d({ filters: 6, kernelSize: 3, strides: 2 }), net.input([24, 24, 3]), 'conv');
  const pooled = net.add(globalAveragePooling2d(), net.add(relu(), conv));
  const graph = net.build('tiny', [net.add(dense({ units: 2 }), pooled, 'logits')]);
  return { ...drawnModel(graph, recordOf(24, { sourceSize: [48, 48] })), classes: CLASSES };
}

/** Integers inside and at both ends. */
async function fullInteger(model: Model): Promise<Uint8Array> {
  const images = drawFaces({ classes: ['happy', 'angry'], perClass: 16, seed: 9 });
  const engine = ortNode();
  const pictures = await openNormalizer(engine, modelPreprocessing(model), images, 8);
  const all = [...images.labels.keys()];
  const [calibration, held] = [pictures.source(all.slice(0, 24)), pictures.source(all.slice(24))];
  const { quantized } = await quantizeModel(model, { engine, calibration, held });
  await pictures.close();
  return writeQuantizedTflite(model, quantized, { inputType: 'uint8', outputType: 'uint8' });
}

describe('hailoCompareJob', () => {
  it('finds a device that answers as the float model does in full agreement', async () => {
    const found = await hailoCompareJob(options);
    expect(found.models.map(({ name }) => name)).toEqual(['float', 'float uint8', 'device']);
    const pair = found.pairs.find(({ first, second }) => first === 'float' && second === 'device');
    expect(pair).toMatchObject({ agreement: 1, onlyFirstRight: 0, onlySecondRight: 0 });
    expect(pair?.largestDifference).toBeLessThan(1e-6);
    expect(found).toMatchObject({ images: 8, split: 'test', strangers: [], notShown: 0 });
    // Rounding moves probabilities, if only a little: the two float answers are not the same run.
    const rounding = found.pairs.find(({ first, second }) => first === 'float' && second === 'float uint8');
    expect(rounding?.meanDifference).toBeGreaterThan(0);
    expect(rounding?.meanDifference).toBeLessThan(0.05);
  });

  it('compares the pictures of the log only, and says what else it holds', async () => {
    const [header = '', first = '', second = ''] = rows;
    const other = first.split(',')[2] === 'happy' ? 'angry' : 'happy';
    const parted = first.split(',');
    const lines = [
      header,
      `/data/${[parted[0], parted[1], other].join(',')},,`,
      second,
      'else/1.png,happy,happy,,',
    ];
    const out = join(folder, 'kept');
    const found = await hailoCompareJob({ ...options, deviceLog: log('part.csv', lines), out });
    expect(found).toMatchObject({ images: 2, notShown: 6, strangers: ['else/1.png'] });
    expect(found.parted[0]?.answers['device']).toEqual({ class: other, p: null });
    const text = formatHailoComparison(found);
    expect(text).toContain("6 pictures of test are not in the device's log.");
    expect(text).toContain('1 rows of the log are no pictures of test, the first: else/1.png');
    expect(readFileSync(join(out, 'agreement.txt'), 'utf8')).toBe(text);
    expect(JSON.parse(readFileSync(join(out, 'agreement.json'), 'utf8'))).toMatchObject({
      version: 1,
      images: 2,
    });
  });

  it.each<[string, WriteOnnxOptions, string]>([
    ['normalized.onnx', {}, 'float uint8'],
    ['probabilities.onnx', { softmax: true, batch: 'dynamic' }, 'float uint8'],
    ['pictures.onnx', { input: 'image', pictures: 'input' }, 'float uint8'],
    // The resize inside does not round, as the float model's own does not.
    ['sources.onnx', { input: 'image', pictures: 'source' }, 'float'],
  ])('runs %s as the quantized model', async (name, how, like) => {
    const found = await hailoCompareJob({ ...options, int8: onnx(name, how) });
    const pair = found.pairs.find(({ first, second }) => first === like && second === 'int8');
    expect(pair?.agreement).toBe(1);
    expect(pair?.largestDifference).toBeLessThan(1e-4);
  });

  it('runs a full-integer TensorFlow Lite file as the quantized model', async () => {
    const [float, int8] = [join(folder, 'tiny.keras'), join(folder, 'tiny.tflite')];
    await saveKeras(float, tinyModel());
    writeFileSync(int8, await fullInteger(tinyModel()));
    const found = await hailoCompareJob({ ...options, float, int8 });
    const moved = found.pairs.find(({ first, second }) => first === 'float uint8' && second === 'int8');
    // Eight bits move the answers a little, and do move them.
    expect(moved?.agreement).toBe(1);
    expect(moved?.meanDifference).toBeLessThan(0.015);
    expect(moved?.meanDifference).toBeGreaterThan(0.001);
    const other = found.pairs.find(({ first, second }) => first === 'int8' && second === 'device');
    expect(other?.meanDifference).toBeGreaterThan(0.1);
  });

  it('takes the temperature of a calibrated model, for its quantized logits too', async () => {
    const model = { ...smallModel(CLASSES), calibration: { temperature: 0.25 } };
    const [float, int8, out] = [
      join(folder, 'calibrated.keras'),
      join(folder, 'calibrated.onnx'),
      join(folder, 'calibrated'),
    ];
    await saveKeras(float, model);
    writeFileSync(int8, writeOnnx(model, { batch: 1 }));
    await evaluateJob({ model: float, data, out, runtime: options.runtime });
    const deviceLog = join(out, 'predictions.csv');
    const found = await hailoCompareJob({ ...options, float, int8, deviceLog });
    const between = (one: string, other: string) =>
      found.pairs.find(({ first, second }) => first === one && second === other)?.largestDifference;
    expect(between('float', 'device')).toBeLessThan(1e-6);
    expect(between('float uint8', 'int8')).toBeLessThan(1e-4);
  });

  it('takes answers of the quantized model from a CSV, which must have all pictures', async () => {
    const found = await hailoCompareJob({ ...options, int8: options.deviceLog });
    expect(found.pairs.find(({ first }) => first === 'int8')).toMatchObject({
      second: 'device',
      agreement: 1,
    });
    const short = log('short.csv', rows.slice(0, 3));
    await expect(hailoCompareJob({ ...options, int8: short })).rejects.toThrow(
      /short\.csv: received no answer for "test\/.*", which the device was shown/,
    );
  });

  it.each<[Partial<HailoCompareOptions>, string]>([
    [
      { deviceLog: 'nowhere.csv' },
      '--device-log: received no readable file "nowhere.csv", expected a CSV of answers',
    ],
    [
      { int8: 'nowhere.onnx' },
      '--int8: received no readable file "nowhere.onnx", expected a quantized model.',
    ],
    [
      { int8: 'model.bin' },
      '--int8: received "model.bin", another ending, expected a quantized .onnx or .tflite file, or',
    ],
    [{ split: 'train' }, 'expected names of the pictures, like "train/'],
    [{ split: 'validation' }, '--split: received validation with a model that is no run folder'],
  ])('refuses %o', async (change, message) => {
    await expect(hailoCompareJob({ ...options, ...change })).rejects.toThrow(message);
  });

  it('refuses a quantized model of other pictures or classes', async () => {
    const other = join(folder, 'other.onnx');
    writeFileSync(other, writeOnnx(smallModel(['a', 'b', 'c']), { batch: 1 }));
    await expect(hailoCompareJob({ ...options, int8: other })).rejects.toThrow(
      'other.onnx: received an output of 3 values, expected 2, one per class.',
    );
  });
});
