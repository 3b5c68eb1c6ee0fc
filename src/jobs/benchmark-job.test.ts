import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { writeDrawnFaces } from '../data/draw/write.js';
import { writeKeras } from '../export/keras/archive.js';
import { writeTflite } from '../export/tflite/write-tflite.js';
import { drawnModel, recordOf } from '../export/testing/models.js';
import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { globalAveragePooling2d } from '../layers/pooling.js';
import { NetBuilder } from '../models/net-builder.js';
import { litertNode } from '../runtime/node/litert.js';
import { ortNode } from '../runtime/node/ort.js';
import type { Runtime } from '../runtime/session.js';
import { benchmarkJob, type BenchmarkEngine } from './benchmark-job.js';
import { formatBenchmark, formatBenchmarkMarkdown } from './benchmark-text.js';
import { evaluateJob } from './evaluate-job.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-benchmark-'));
const faces = join(folder, 'faces');
const keras = join(folder, 'small.keras');
const tflite = join(folder, 'small.tflite');
const CLASSES = ['angry', 'disgust', 'happy', 'neutral', 'surprise'];
const runtime = ortNode();
const broken: Runtime = {
  name: 'broken',
  createSession: () => Promise.reject(new Error('no such operator')),
};
const engines: BenchmarkEngine[] = [
  { name: 'ORT CPU', format: 'onnx', runtime },
  { name: 'LiteRT', format: 'tflite', runtime: litertNode() },
  { name: 'broken', format: 'onnx', runtime: broken },
];

beforeAll(async () => {
  await writeDrawnFaces({ out: faces, train: 5, test: 10, classes: CLASSES, seed: 3 });
  const net = new NetBuilder();
  const conv = net.add(
    conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
    net.input([24, 24, 3]),
    'conv',
  );
  const pooled = net.add(globalAveragePooling2d(), conv, 'pool');
  const graph = net.build('small', [net.add(dense({ units: 5 }), pooled, 'logits')]);
  const model = drawnModel(graph, recordOf(24, { sourceSize: [20, 20] }));
  writeFileSync(keras, await writeKeras(model));
  writeFileSync(tflite, writeTflite(model, { input: 'image', softmax: true }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('measures every format in every engine, files as they are, and says what is missing', async () => {
  const options = { models: [keras, tflite], data: faces, runs: 5 };
  const what: string[] = [];
  const environment = { runtime, engines, absent: ['WebGPU: Node has none.'] };
  const benchmark = await benchmarkJob(options, environment, {
    onEvent: (event) => {
      if (event.kind === 'working') what.push(event.what);
    },
  });
  const ready = benchmark.rows.filter(({ error }) => error === null);
  expect(
    ready.map(({ model, format, precision, engine }) => [model, format, precision, engine].join(' ')),
  ).toEqual([
    'small.keras onnx float32 ORT CPU',
    'small.keras onnx float16 ORT CPU',
    'small.keras tflite float32 LiteRT',
    'small.keras tflite float16 LiteRT',
    'small.tflite tflite as it is LiteRT',
  ]);
  const { evaluation } = await evaluateJob({ model: keras, data: faces, runtime });
  for (const { precision, agreement, accuracy, latency, throughput, bytes } of ready) {
    expect(agreement).toMatchObject({ images: 10, sameClass: 10 });
    expect(agreement!.maxDifference).toBeLessThan(precision === 'float16' ? 1e-3 : 1e-5);
    expect(accuracy).toEqual({ correct: Math.round(evaluation.accuracy * 10), images: 10 });
    expect(latency!.runs).toBe(5);
    expect(latency!.p50).toBeLessThanOrEqual(latency!.p99);
    expect(throughput).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(500);
  }
  expect(benchmark.rows.filter(({ error }) => error !== null)).toHaveLength(2);
  const text = formatBenchmark(benchmark);
  expect(text).toContain('Not measured: small.keras onnx float32 in broken: no such operator');
  expect(text).toContain('Not present: WebGPU: Node has none.');
  expect(formatBenchmarkMarkdown(benchmark)).toMatch(
    /^\| small\.tflite \| tflite \| as it is \| LiteRT \| /m,
  );
  expect(what).toContain('measuring latency');
}, 120_000);

it('refuses a number of passes below one', async () => {
  const refused = benchmarkJob({ models: [keras], runs: 0 }, { runtime, engines, absent: [] });
  await expect(refused).rejects.toThrow('--runs: received 0, expected an integer of at least 1.');
});
