/** int8 files of the shipped model: TensorFlow Lite's interpreter, LiteRT (npm), ONNX Runtime for Python, ONNX's checker, MediaPipe. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, it } from 'vitest';

import type { Tensor } from '../../src/core/tensor.js';
import { bestOf } from '../../src/core/rows.js';
import { restoreQuantized } from '../../src/export/quantize/calibration-record.js';
import type { QuantizedProgram } from '../../src/export/quantize/quantized-program.js';
import { writeQuantizedOnnx, writeQuantizedTflite } from '../../src/export/quantize/write-quantized.js';
import { runLiteRtEach } from '../../src/export/testing/litert.js';
import { channelsFirst, preprocessed, runLayers, runOnnx } from '../../src/export/testing/reference.js';
import { float32 } from '../../src/core/tensor.js';
import { loadSamples } from '../../src/jobs/export-samples.js';
import { planesOf } from '../../src/jobs/layer-answers.js';
import { modelPreprocessing } from '../../src/jobs/model-source.js';
import { loadShipped } from '../../src/jobs/shipped.js';
import { shippedRanges } from '../../src/jobs/shipped-ranges.js';
import type { Model } from '../../src/models/model.js';
import { pictureOf, readResult, writeCase, type Subject } from './export-subjects.js';
import { runPython } from './oracle.js';

const root = mkdtempSync(join(tmpdir(), 'mien-int8-'));
const rows: Record<string, string | number>[] = [];
let model: Model;
let quantized: QuantizedProgram;
let subject: Subject;

beforeAll(async () => {
  model = await loadShipped('mien');
  const record = shippedRanges('mien');
  if (record === undefined) throw new Error('the package brings no ranges');
  quantized = restoreQuantized(model, record);
  subject = await facesFor(model);
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  console.log('int8 files of the shipped model on drawn faces, against its float layers');
  console.table(rows);
});

/** Drawn faces: noise as the float tests take it says nothing of a net whose ranges come from faces. */
async function facesFor(shipped: Model): Promise<Subject> {
  const { pictures } = await loadSamples(modelPreprocessing(shipped), {}, {});
  const count = pictures.length;
  const [h, w] = modelPreprocessing(shipped).sourceSize;
  const pixels = planesOf(pictures, 0, count);
  const x = await preprocessed(shipped, float32(pixels, [count, h, w, 1]));
  const data = Uint8Array.from({ length: 3 * pixels.length }, (_, i) => pixels[Math.floor(i / 3)] ?? 0);
  const raw = { dtype: 'uint8', shape: [count, h, w, 3], data } as const;
  const expected = await runLayers(shipped, x);
  return { name: 'mien', model: shipped, input: 'input_layer', x, raw, expected, shape: [count, 5] };
}

const winners = (values: ArrayLike<number>) =>
  Array.from({ length: values.length / 5 }, (_, row) => bestOf(values, row, 5));

function share(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [first, second] = [winners(a), winners(b)];
  return first.filter((winner, i) => winner === second[i]).length / first.length;
}

/** Signal-to-noise ratio in dB. */
function snr(found: ArrayLike<number>, exact: ArrayLike<number>): number {
  let [signal, noise] = [0, 0];
  for (let i = 0; i < exact.length; i++) {
    signal += (exact[i] ?? 0) ** 2;
    noise += ((found[i] ?? NaN) - (exact[i] ?? 0)) ** 2;
  }
  return 10 * Math.log10(signal / Math.max(noise, 1e-30));
}

function record(file: string, by: string, found: ArrayLike<number>, twin?: ArrayLike<number>): void {
  const { expected } = subject;
  const logits = by !== 'MediaPipe';
  rows.push({
    file,
    by,
    'same class as float': share(found, expected).toFixed(3),
    ...(logits ? { 'dB to float': snr(found, expected).toFixed(1) } : {}),
    ...(twin === undefined ? {} : { 'same class as here': share(found, twin).toFixed(3) }),
    ...(twin === undefined || !logits ? {} : { 'dB to here': snr(found, twin).toFixed(1) }),
  });
  expect(share(found, expected)).toBeGreaterThanOrEqual(0.9);
}

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

async function liteRt(bytes: Uint8Array, input: Tensor): Promise<number[]> {
  const name = input.dtype === 'uint8' ? 'image' : subject.input;
  const feeds = Array.from({ length: input.shape[0] ?? 1 }, (_, i) => ({ [name]: pictureOf(input, i) }));
  const runs = await runLiteRtEach(bytes, feeds);
  return runs.flatMap(({ outputs }) => Array.from(Object.values(outputs)[0]?.data ?? [], Number));
}

it('TensorFlow Lite: the interpreter and LiteRT agree', async () => {
  const bytes = writeQuantizedTflite(model, quantized);
  const here = await liteRt(bytes, subject.x);
  const folder = writeCase(root, 'int8.tflite', bytes, subject.x, subject);
  runPython(script('tflite_model.py'), [folder]);
  const result = readResult(folder) as { y: number[]; operators: Record<string, number>; delegated: boolean };
  record('int8.tflite', 'LiteRT (npm)', here);
  record('int8.tflite', 'TensorFlow Lite (Python)', result.y, here);
  // Both compute in integers; they may round a step apart.
  expect(snr(result.y, here)).toBeGreaterThan(20);
  expect(share(result.y, here)).toBeGreaterThanOrEqual(0.95);
  expect(result.delegated).toBe(true);
  expect(Object.keys(result.operators)).not.toContain('HARD_SWISH');
});

it('TensorFlow Lite: integers at both ends are those that the floats stand for', async () => {
  const floats = writeQuantizedTflite(model, quantized);
  const here = await liteRt(floats, subject.x);
  const form = quantized.values.get(subject.input)!;
  const output = quantized.values.get('logits')!;
  for (const type of ['int8', 'uint8'] as const) {
    const bytes = writeQuantizedTflite(model, quantized, { inputType: type, outputType: type });
    const offset = type === 'uint8' ? 128 : 0;
    const stored = Array.from(subject.x.data, (value) => {
      const number = Math.round(value / form.scale) + form.zeroPoint;
      return Math.min(127, Math.max(-128, number)) + offset;
    });
    const data = type === 'int8' ? Int8Array.from(stored) : Uint8Array.from(stored);
    const input = { dtype: type, shape: subject.x.shape, data } as Tensor;
    const folder = writeCase(root, `${type}.tflite`, bytes, input, subject);
    runPython(script('tflite_model.py'), [folder]);
    const { y } = readResult(folder) as { y: number[] };
    const found = y.map((value) => (value - offset - output.zeroPoint) * output.scale);
    record(`${type} ends`, 'TensorFlow Lite (Python)', found, here);
    expect(snr(found, here)).toBeGreaterThan(20);
  }
});

it('ONNX: the checker and ONNX Runtime for Python, as here', async () => {
  const bytes = writeQuantizedOnnx(model, quantized);
  const x = channelsFirst(subject.x);
  const here = (await runOnnx(bytes, x, subject.input)).data as Float32Array;
  const folder = writeCase(root, 'int8.onnx', bytes, x, subject);
  runPython(script('onnx_model.py'), [folder]);
  const result = readResult(folder) as {
    single: number[];
    whole: number[];
    domains: string[];
    unknown: string[];
  };
  expect([result.domains, result.unknown]).toEqual([[''], []]);
  record('int8.onnx', 'ONNX Runtime (npm)', here);
  record('int8.onnx', 'ONNX Runtime (Python)', result.whole, here);
  expect(snr(result.whole, here)).toBeGreaterThan(20);
  expect(snr(result.single, result.whole)).toBeGreaterThan(20);
});

it("MediaPipe's image classifier takes raw uint8 pictures, and gives uint8 or float probabilities", async () => {
  for (const outputType of ['float32', 'uint8'] as const) {
    const options = { input: 'image', softmax: true, outputType } as const;
    const bytes = writeQuantizedTflite(model, quantized, options);
    const folder = writeCase(root, `mediapipe-${outputType}.tflite`, bytes, subject.raw!, subject);
    runPython(script('mediapipe_classifier.py'), [folder]);
    const { labels, scores } = readResult(folder) as { labels: string[]; scores: number[] };
    expect(labels).toEqual(model.classes);
    const here = await liteRt(bytes, subject.raw!);
    const scale = outputType === 'uint8' ? 256 : 1;
    scores.forEach((score, i) => expect(Math.abs(score - (here[i] ?? NaN) / scale)).toBeLessThan(0.1));
    record(`raw, ${outputType} out`, 'MediaPipe', scores, here);
  }
});
