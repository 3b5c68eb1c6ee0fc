import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { messageOf } from '../core/errors.js';
import { writeDrawnFaces } from '../data/draw/write.js';
import { writeKeras } from '../export/keras/archive.js';
import { writeOnnx } from '../export/onnx/write-onnx.js';
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
import type { JobEvent } from './events.js';

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

function net() {
  const layers = new NetBuilder();
  const conv = layers.add(
    conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
    layers.input([24, 24, 3]),
    'conv',
  );
  const pooled = layers.add(globalAveragePooling2d(), conv, 'pool');
  const graph = layers.build('small', [layers.add(dense({ units: 5 }), pooled, 'logits')]);
  return drawnModel(graph, recordOf(24, { sourceSize: [20, 20] }));
}

beforeAll(async () => {
  await writeDrawnFaces({ out: faces, train: 5, test: 10, classes: CLASSES, seed: 3 });
  const model = net();
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

it('measures each file on its own records, against layers of the same classes only', async () => {
  const [reversed, small] = [join(folder, 'reversed.onnx'), join(folder, 'small.onnx')];
  const classes = [...CLASSES].reverse();
  writeFileSync(reversed, writeOnnx({ ...net(), classes }));
  writeFileSync(small, writeOnnx({ ...net(), preprocessing: recordOf(24, { sourceSize: [8, 8] }) }));
  const options = { models: [keras, reversed, small], data: faces, runs: 1 };
  const { rows } = await benchmarkJob(options, { runtime, engines: engines.slice(0, 1), absent: [] });
  const row = (name: string) => rows.find(({ model }) => model === name)!;
  expect(row('reversed.onnx').agreement).toBeNull();
  expect(row('small.onnx').agreement).toMatchObject({ images: 10 });
  for (const model of [reversed, small]) {
    const { evaluation } = await evaluateJob({ model, data: faces, runtime });
    const correct = Math.round(evaluation.accuracy * 10);
    expect(row(basename(model)).accuracy).toEqual({ correct, images: 10 });
  }
});

it('leaves eight bits, which need pictures for their ranges, to others', async () => {
  const notes: string[] = [];
  const onEvent = (event: JobEvent) => event.kind === 'note' && notes.push(event.text);
  const environment = { runtime, engines: engines.slice(0, 1), absent: [] };
  await benchmarkJob({ models: [keras], runs: 1 }, environment, { onEvent });
  expect(notes).toEqual([]);
});

it('closes what is open whichever session cannot be opened', async () => {
  const other = join(folder, 'other.onnx');
  writeFileSync(other, writeOnnx({ ...net(), preprocessing: recordOf(24, { sourceSize: [10, 10] }) }));
  // Those of the layers, those of a row, and the first one for the pictures of the second model.
  for (const last of [1, 3, 4, 5, 6, 7, 14]) {
    let [made, open] = [0, 0];
    const counting: Runtime = {
      name: 'counting',
      createSession: async (bytes, given) => {
        if (made++ === last) throw new Error('no memory');
        const session = await runtime.createSession(bytes, given);
        open++;
        const close = () => {
          open--;
          return session.close();
        };
        return { run: (feeds) => session.run(feeds), close };
      },
    };
    const environment = {
      runtime: counting,
      engines: [{ name: 'counting', format: 'onnx', runtime: counting }] as const,
      absent: [],
    };
    const ended = await benchmarkJob({ models: [keras, other], runs: 1 }, environment).catch(messageOf);
    expect([last, typeof ended]).toEqual([last, last === 1 || last === 14 ? 'string' : 'object']);
    expect([last, open]).toEqual([last, 0]);
  }
}, 60_000);

it('compares with the tempered probabilities of a calibrated model', async () => {
  const calibrated = join(folder, 'calibrated.keras');
  writeFileSync(calibrated, await writeKeras({ ...net(), calibration: { temperature: 0.2 } }));
  const environment = { runtime, engines: engines.slice(0, 2), absent: [] };
  const { rows } = await benchmarkJob({ models: [calibrated], runs: 1 }, environment);
  expect(rows).toHaveLength(4);
  for (const { agreement } of rows) expect(agreement!.maxDifference).toBeLessThan(1e-2);
});

it('refuses a number of passes below one', async () => {
  const refused = benchmarkJob({ models: [keras], runs: 0 }, { runtime, engines, absent: [] });
  await expect(refused).rejects.toThrow('--runs: received 0, expected an integer of at least 1.');
});
