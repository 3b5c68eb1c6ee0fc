import { float32, sizeOf, type Shape, type Tensor } from '../../core/tensor.js';
import { permuteAxes } from '../../layers/permute.js';
import { inferenceGraph } from '../../models/inference.js';
import type { Model } from '../../models/model.js';
import { preprocess } from '../../models/preprocess.js';
import { GraphBuilder } from '../../onnx/builder.js';
import { encodeModel } from '../../onnx/encode.js';
import type { Graph } from '../../onnx/graph.js';
import { decomposeGraph } from '../../ops/decompose.js';
import { Emitter } from '../../ops/emitter.js';
import { schemaOf } from '../../ops/registry.js';
import { ortNode } from '../../runtime/node/ort.js';

/** What the layer graph itself computes: its plain inference graph in ONNX Runtime, nothing folded or fused. */
export async function runLayers(model: Model, x: Tensor<'float32'>): Promise<Float32Array> {
  const [batch = 1] = x.shape;
  const graph = decomposeGraph(inferenceGraph(model.graph, model.weights, { batch }));
  return channelsLast(await runOnnx(encodeModel(graph), channelsFirst(x), model.graph.inputs[0]));
}

/** Runs a model of one input and one output in ONNX Runtime. */
export async function runOnnx(bytes: Uint8Array, x: Tensor, input?: string): Promise<Tensor> {
  const session = await ortNode().createSession(bytes, { threads: 1 });
  try {
    const [output] = Object.values(await session.run({ [input ?? 'input_layer']: x }));
    if (output === undefined) throw new Error('the model has no output');
    return output;
  } finally {
    await session.close();
  }
}

/** Grey levels [N, h, w, 1] → the model's input [N, H, W, C] by the record's own arithmetic. */
export async function preprocessed(model: Model, pictures: Tensor<'float32'>): Promise<Tensor<'float32'>> {
  if (model.preprocessing === undefined) throw new Error('the model has no preprocessing record');
  const builder = new GraphBuilder('preprocessing', schemaOf);
  const first = channelsFirst(pictures);
  const x = builder.input('input_layer', 'float32', first.shape);
  builder.output('y', preprocess(new Emitter(builder), x, model.preprocessing));
  const graph: Graph = decomposeGraph(builder.build());
  const result = await runOnnx(encodeModel(graph), first);
  const [n = 1, c = 1, h = 1, w = 1] = result.shape;
  return float32(channelsLast(result), [n, h, w, c]);
}

/** [N, H, W, C] → [N, C, H, W]; other ranks stay. */
export function channelsFirst(x: Tensor<'float32'>): Tensor<'float32'> {
  const [n = 1, h = 1, w = 1, c = 1] = x.shape;
  if (x.shape.length !== 4) return x;
  return float32(permuteAxes(x.data, x.shape, [0, 3, 1, 2]), [n, c, h, w]);
}

/** Values of [N, C, H, W] in the order [N, H, W, C]; other ranks stay. */
export function channelsLast({ data, shape }: Tensor): Float32Array {
  if (!(data instanceof Float32Array)) throw new Error('the output is not float32');
  return shape.length === 4 ? permuteAxes(data, shape, [0, 2, 3, 1]) : data;
}

/** Values in −2..2 that depend on the shape and the seed alone. */
export function drawnInput(shape: Shape, seed = 1): Tensor<'float32'> {
  let state = seed;
  const next = () => (state = (state * 48271) % 2147483647) / 2147483647;
  return float32(
    Float32Array.from({ length: sizeOf(shape) }, () => next() * 4 - 2),
    shape,
  );
}

/** The largest difference, and the largest expected magnitude. */
export function compare(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
): { worst: number; largest: number } {
  if (found.length !== expected.length)
    throw new Error(`${found.length} values instead of ${expected.length}`);
  let [worst, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [found[i] ?? NaN, expected[i] ?? NaN];
    // Written so that NaN counts as the worst.
    const difference = Math.abs(a - b);
    if (!(difference <= worst)) worst = difference;
    largest = Math.max(largest, Math.abs(b));
  }
  return { worst, largest };
}

/** Index of the largest of each row of [N, K]. */
export function classesOf(values: ArrayLike<number>, count: number): number[] {
  return Array.from({ length: values.length / count }, (_, row) => {
    const scores = Array.from({ length: count }, (_value, k) => values[row * count + k] ?? NaN);
    return scores.indexOf(Math.max(...scores));
  });
}
