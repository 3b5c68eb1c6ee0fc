/** 500 mutated .onnx and 500 mutated .tflite files: read or refused in one sentence, in time and without great memory. */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, TensorProto_DataLocation, type ModelProto } from 'onnx-buf';
import { expect, it } from 'vitest';

import { InputError, MienError } from '../core/errors.js';
import { createRandom, type Random } from '../core/random.js';
import { sizeOf, type Tensor } from '../core/tensor.js';
import { relu } from '../layers/activation.js';
import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { depthwiseConv2d } from '../layers/depthwise-conv2d.js';
import { zeroPadding2d } from '../layers/padding.js';
import { globalAveragePooling2d, maxPooling2d } from '../layers/pooling.js';
import { NetBuilder } from '../models/net-builder.js';
import { encodeModel } from '../onnx/encode.js';
import type { Graph } from '../onnx/graph.js';
import { ortNode } from '../runtime/node/ort.js';
import { mutated, survive } from './hailo/testing/mutate.js';
import { readOnnx } from './onnx/read-onnx.js';
import { writeOnnx } from './onnx/write-onnx.js';
import { drawnModel, recordOf } from './testing/models.js';
import { readTflite } from './tflite/read/read-tflite.js';
import { writeTflite } from './tflite/write-tflite.js';

const COUNT = 500;
/** Milliseconds for one small file; they take a few each, but this machine may be busy. */
const PATIENCE = 10_000;
/** Bytes that all refused and read files may leave behind. */
const MEMORY = 500e6;

const model = (() => {
  const net = new NetBuilder();
  const body = [
    zeroPadding2d([
      [1, 1],
      [1, 1],
    ]),
    conv2d({ filters: 4, kernelSize: 3, strides: 2, groups: 1, activation: 'relu6' }),
    maxPooling2d({ poolSize: 2 }),
    depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
    relu(),
    globalAveragePooling2d(),
    dense({ units: 3, activation: 'softmax' }),
  ];
  const graph = net.build('small', [body.reduce((x, draft) => net.add(draft, x), net.input([16, 16, 3]))]);
  return { ...drawnModel(graph, recordOf(16)), classes: ['a', 'b', 'c'] };
})();

function* mutations(seed: number, make: (i: number, random: Random) => Uint8Array): Generator<Uint8Array> {
  const random = createRandom(seed);
  for (let i = 0; i < COUNT; i++) yield make(i, random.fork(i));
}

const isClean = (error: unknown) =>
  error instanceof InputError && /^m\.(onnx|tflite)[^\n]*\.$/.test(error.message);

const onnx = writeOnnx(model, { batch: 2 });

/** Sound protobuf of a changed model: the damage is in what it says. */
function changedOnnx(random: Random): Uint8Array {
  const proto = fromBinary(ModelProtoSchema, onnx);
  const { graph } = proto;
  if (graph === undefined) throw new Error('no graph');
  const pick = <T>(list: T[]): T => list[random.integer(list.length)]!;
  const numbers = [-1n, 0n, 1n, 7n, 2n ** 31n, 2n ** 62n];
  const changes: ((proto: ModelProto) => void)[] = [
    () => void pick(graph.node).input.splice(0, 1),
    () => void (pick(graph.node).opType = pick(['Conv', 'Loop', 'If', 'Nothing', 'MaxPool', 'Reshape'])),
    () => void (pick(graph.node).input[0] = pick(graph.node).output[0] ?? ''),
    () => void pick(graph.initializer).dims.push(pick(numbers)),
    () => void (pick(graph.initializer).dims[0] = pick(numbers)),
    () => void (pick(graph.initializer).rawData = new Uint8Array(random.integer(64))),
    () => void (pick(graph.initializer).dataType = random.integer(22) - 1),
    () => void (pick(graph.initializer).dataLocation = TensorProto_DataLocation.EXTERNAL),
    () => {
      for (const a of pick(graph.node).attribute) a.ints = a.ints.map(() => pick(numbers));
    },
    () => {
      for (const a of pick(graph.node).attribute) a.i = pick(numbers);
    },
    () => void graph.node.reverse(),
    () => void graph.input.push(pick(graph.output)),
    () => void (graph.input[0] = pick(graph.output)),
    () => void (graph.output.length = 0),
    () => {
      for (const entry of proto.metadataProps) entry.value = entry.value.slice(0, 9);
    },
    () => void (proto.opsetImport[0]!.version = pick(numbers)),
    () => {
      delete proto.graph;
    },
  ];
  pick(changes)(proto);
  return toBinary(ModelProtoSchema, proto);
}

it('.onnx, bytes and structure', async () => {
  const accepted: Uint8Array[] = [];
  const before = process.memoryUsage().rss;
  const outcome = survive(
    mutations(1, (i, random) => (i % 2 === 0 ? mutated(onnx, random) : changedOnnx(random))),
    (file) => {
      readOnnx(file, 'm.onnx');
      accepted.push(file);
    },
    isClean,
  );
  expect(outcome.slowest).toBeLessThan(PATIENCE);
  // Neither all read nor all refused: both ways are taken.
  expect(outcome.described).toBeGreaterThan(50);
  expect(outcome.refused).toBeGreaterThan(150);
  // What is read may still be refused by the engine, but in a sentence.
  for (const file of accepted) await attempt(file);
  expect(process.memoryUsage().rss - before).toBeLessThan(MEMORY);
}, 120_000);

async function attempt(file: Uint8Array): Promise<void> {
  const x: Tensor = { dtype: 'float32', shape: [2, 3, 16, 16], data: new Float32Array(2 * 3 * 256) };
  try {
    const session = await ortNode().createSession(file, { threads: 1 });
    await session.run({ [readOnnx(file, 'm.onnx').inputs[0]?.name ?? '']: x }).catch(isPlanned);
    await session.close();
  } catch (error) {
    isPlanned(error);
  }
}

function isPlanned(error: unknown): void {
  if (!(error instanceof MienError)) throw error;
  expect(error.message).toMatch(/^[^\n]*\.$/);
}

it('.tflite, wherever it is hit', () => {
  const files = [writeTflite(model, { precision: 'float16' }), writeTflite(model, { input: 'image' })];
  const graphs: Graph[] = [];
  const before = process.memoryUsage().rss;
  const outcome = survive(
    mutations(2, (i, random) =>
      i % 2 === 0 ? mutated(files[i % 4 === 0 ? 0 : 1]!, random) : hit(files, i, random),
    ),
    (file) => void graphs.push(readTflite(file, 'm.tflite')),
    isClean,
  );
  expect(outcome.slowest).toBeLessThan(PATIENCE);
  expect(outcome.described).toBeGreaterThan(50);
  expect(outcome.refused).toBeGreaterThan(50);
  for (const graph of graphs) {
    for (const { shape } of graph.types.values()) expect(sizeOf(shape)).toBeLessThan(2 ** 28);
    expect(encodeModel(graph).length).toBeLessThan(2 ** 20);
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(MEMORY);
}, 120_000);

/** One 32-bit word of the structure set to a number that an offset, an index or a size might be. */
function hit(files: readonly Uint8Array[], i: number, random: Random): Uint8Array {
  const file = Uint8Array.from(files[i % 4 === 1 ? 0 : 1]!);
  const words = [0, 1, 4, 127, 255, 65535, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
  const at = 4 * random.integer(Math.floor(file.length / 4));
  new DataView(file.buffer).setUint32(at, words[random.integer(words.length)]!, true);
  return file;
}
