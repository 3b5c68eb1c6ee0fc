import { float32 } from '../../src/core/tensor.js';
import { lowerGraph } from '../../src/lower/lower.js';
import { inferenceGraph } from '../../src/models/inference.js';
import type { LayerGraph } from '../../src/models/layer-graph.js';
import type { Weights } from '../../src/models/model.js';
import { encodeModel } from '../../src/onnx/encode.js';
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
