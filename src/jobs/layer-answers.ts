import { GraphError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { float32, sizeOf, type Shape, type Tensor } from '../core/tensor.js';
import { toPlanes } from '../data/augment.js';
import type { Picture } from '../data/images.js';
import { endsInSoftmax } from '../export/program/build-program.js';
import { engineInputShape, inferenceGraph } from '../models/inference.js';
import type { Model } from '../models/model.js';
import { preprocess } from '../models/preprocess.js';
import { GraphBuilder } from '../onnx/builder.js';
import { encodeModel } from '../onnx/encode.js';
import type { Graph } from '../onnx/graph.js';
import { decomposeGraph } from '../ops/decompose.js';
import { Emitter } from '../ops/emitter.js';
import { schemaOf } from '../ops/registry.js';
import { softmaxRows } from '../predict/rows.js';
import type { Feeds, Runtime, Session } from '../runtime/session.js';
import { modelPreprocessing } from './model-source.js';

/** Pictures per run. */
const BATCH = 8;

/** What a model's layers themselves answer. */
export interface LayerAnswers {
  /** Normalized pictures [n, C, H, W], as the model takes them. */
  readonly inputs: Float32Array;
  /** Of one picture: [C, H, W]. */
  readonly inputShape: Shape;
  /** What the model ends in, [n, K]. */
  readonly outputs: Float32Array;
  readonly classes: number;
}

/**
 * Answers of the plain float32 layer graph, run node by node, nothing folded, fused or rewritten by Mien or by the
 * engine: what every artefact is compared with.
 *
 * @param pictures at the record's source size and colour
 */
export async function layerAnswers(
  runtime: Runtime,
  model: Model,
  pictures: readonly Picture[],
): Promise<LayerAnswers> {
  const [first] = pictures;
  if (first === undefined) throw missing('pictures');
  const shape = [BATCH, first.channels, first.height, first.width];
  const graphs = [
    preprocessGraph(modelPreprocessing(model), shape),
    inferenceGraph(model.graph, model.weights, { batch: BATCH }),
  ] as const;
  const planes = Array.from({ length: Math.ceil(pictures.length / BATCH) }, (_, i) => ({
    x: float32(planesOf(pictures, i * BATCH, BATCH), shape),
  }));
  const inputs = await answersOf(runtime, graphs[0], planes);
  const name = model.graph.inputs[0] ?? '';
  const feeds = inputs.map((x) => ({ [name]: x }));
  const outputs = await answersOf(runtime, graphs[1], feeds);
  const answers = joined(outputs, pictures.length);
  return {
    inputs: joined(inputs, pictures.length),
    outputs: answers,
    inputShape: inputs[0]?.shape.slice(1) ?? [],
    classes: answers.length / pictures.length,
  };
}

/**
 * Layer answers as probabilities [n, K]: as they are where the model ends in a softmax, or else the softmax of the
 * logits divided by the record's temperature.
 */
export function probabilitiesOf(
  { graph, calibration }: Pick<Model, 'graph' | 'calibration'>,
  { outputs, classes }: Pick<LayerAnswers, 'outputs' | 'classes'>,
): Float32Array {
  if (endsInSoftmax(graph, graph.outputs[0] ?? '')) return outputs;
  return softmaxRows(outputs, classes, calibration?.temperature);
}

/** Answers of the layer graph to numbers drawn for a model of which nobody knows what goes in. */
export async function answersTo(
  runtime: Runtime,
  { graph, weights }: Pick<Model, 'graph' | 'weights'>,
  values: (name: string, length: number) => Float32Array,
): Promise<Float32Array> {
  const session = await plainSession(runtime, inferenceGraph(graph, weights, { batch: BATCH }));
  try {
    const feeds = graph.inputs.map((name) => {
      const shape = engineInputShape(graph.shapeOf(name), BATCH);
      return [name, float32(values(name, sizeOf(shape)), shape)] as const;
    });
    const results = Object.values(await session.run(Object.fromEntries(feeds)));
    return Float32Array.from(results.flatMap(({ data }) => Array.from(data as Float32Array)));
  } finally {
    await session.close();
  }
}

function plainSession(runtime: Runtime, graph: Graph): Promise<Session> {
  return runtime.createSession(encodeModel(decomposeGraph(graph)), { optimize: false });
}

function preprocessGraph(record: Preprocessing, shape: Shape): Graph {
  const builder = new GraphBuilder('preprocessing', schemaOf);
  const x = builder.input('x', 'float32', shape);
  builder.output('normalized', preprocess(new Emitter(builder), x, record));
  return builder.build();
}

/** What a graph of one output answers to each of the feeds. */
async function answersOf(runtime: Runtime, graph: Graph, feeds: readonly Feeds[]): Promise<Tensor[]> {
  const session = await plainSession(runtime, graph);
  try {
    const answers: Tensor[] = [];
    for (const feed of feeds) answers.push(await only(session, feed));
    return answers;
  } finally {
    await session.close();
  }
}

async function only(session: Session, feeds: Feeds): Promise<Tensor> {
  const [output] = Object.values(await session.run(feeds));
  if (output === undefined) throw missing('output');
  return output;
}

/** Pictures from `start` on as planes [count, C, h, w], the last one repeated where there are no more. */
export function planesOf(pictures: readonly Picture[], start: number, count: number): Float32Array {
  const last = pictures.length - 1;
  const chosen = Array.from({ length: count }, (_, i) => pictures[Math.min(start + i, last)]);
  const size = chosen[0]?.pixels.length ?? 0;
  const data = new Float32Array(count * size);
  chosen.forEach((picture, i) => {
    if (picture !== undefined) toPlanes(picture.pixels, 0, picture, { data, offset: i * size });
  });
  return data;
}

function joined(parts: readonly Tensor[], count: number): Float32Array {
  const row = (parts[0]?.data.length ?? 0) / BATCH;
  const data = new Float32Array(parts.length * BATCH * row);
  parts.forEach((part, i) => {
    if (!(part.data instanceof Float32Array)) throw missing('numbers');
    data.set(part.data, i * BATCH * row);
  });
  return data.subarray(0, count * row);
}

function missing(what: string): GraphError {
  return new GraphError({ where: 'layer graph', received: `no ${what}`, expected: 'some' });
}
