import type { Preprocessing } from '../../src/core/preprocessing.js';
import { float32 } from '../../src/core/tensor.js';
import { pixelsAt, type ImageSet } from '../../src/data/images.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { inferenceGraph } from '../../src/models/inference.js';
import type { LayerGraph } from '../../src/models/layer-graph.js';
import type { Weights } from '../../src/models/model.js';
import { preprocess } from '../../src/models/preprocess.js';
import { GraphBuilder } from '../../src/onnx/builder.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { Emitter } from '../../src/ops/emitter.js';
import { schemaOf } from '../../src/ops/registry.js';
import { ortNode } from '../../src/runtime/node/ort.js';

/**
 * A model's output in ONNX Runtime, in Keras's order of axes.
 *
 * @param x pictures [N, H, W, C] as the model takes them
 */
export async function runModel(
  graph: LayerGraph,
  weights: Weights,
  x: Float32Array,
  [n = 1, h = 1, w = 1, c = 1]: readonly number[],
): Promise<Float32Array> {
  const plain = inferenceGraph(graph, weights, { batch: n });
  const session = await ortNode().createSession(encodeModel(lowerGraph(plain, { kind: 'portable' })));
  try {
    const [input] = plain.inputs;
    const [output] = plain.outputs;
    const pictures = float32(moved(x, [n, h * w, c]), [n, c, h, w]);
    const results = await session.run({ [input!.name]: pictures });
    const { data, shape } = results[output!.name]!;
    const [, channels = 1, ...pixels] = shape;
    if (pixels.length === 0) return data as Float32Array;
    return moved(data as Float32Array, [n, channels, pixels.reduce((a, b) => a * b, 1)]);
  } finally {
    await session.close();
  }
}

/** Swaps the last two axes of [n, a, b]. */
function moved(values: Float32Array, [n = 1, a = 1, b = 1]: readonly number[]): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < a; j++)
      for (let k = 0; k < b; k++) result[(i * b + k) * a + j] = values[(i * a + j) * b + k]!;
  return result;
}

/** The largest difference, relative to the largest expected value. */
export function worstError(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length)
    throw new Error(`${found.length} values instead of ${expected.length}`);
  const largest = (values: Float32Array) => values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return largest(found.map((value, i) => value - expected[i]!)) / largest(expected);
}

/** Pictures as a model takes them, [N, H, W, C], by the preprocessing record. */
export async function normalizedPictures(
  images: ImageSet,
  indices: readonly number[],
  record: Preprocessing,
): Promise<Float32Array> {
  const { channels, height, width } = images;
  const n = indices.length;
  const builder = new GraphBuilder('preprocess', schemaOf);
  const pixels = builder.input('pixels', 'float32', [n, channels, height, width]);
  builder.output('x', preprocess(new Emitter(builder), pixels, record));
  const session = await ortNode().createSession(
    encodeModel(lowerGraph(builder.build(), { kind: 'portable' })),
  );
  const flat = Float32Array.from(indices.flatMap((index) => [...pixelsAt(images, index)]));
  const planes = float32(moved(flat, [n, height * width, channels]), [n, channels, height, width]);
  const { x } = await session.run({ pixels: planes });
  await session.close();
  const [rows, columns] = record.inputSize;
  return moved(x!.data as Float32Array, [n, record.channels, rows * columns]);
}
