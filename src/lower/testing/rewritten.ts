import { expect } from 'vitest';

import { createRandom } from '../../core/random.js';
import { float32, type Shape, type Tensor } from '../../core/tensor.js';
import type { GraphBuilder } from '../../onnx/builder.js';
import { checkGraph } from '../../onnx/check.js';
import type { Graph, Value } from '../../onnx/graph.js';
import { Emitter } from '../../ops/emitter.js';
import { evaluateGraph } from '../../ops/reference/evaluate.js';
import { ndarray } from '../../ops/reference/ndarray.js';
import { schemaOf } from '../../ops/registry.js';
import { testBuilder } from '../../ops/testing/check-onnx.js';
import { requireClose } from '../../ops/testing/compare.js';

/** Fixed random values; positive where the name speaks of a variance. */
export function drawn(shape: Shape, name: string): Tensor<'float32'> {
  const random = createRandom(4).fork(name);
  const positive = name.includes('variance');
  const data = ndarray(shape, () => (positive ? random.between(0.5, 2) : random.normal())).data;
  return float32(Float32Array.from(data), shape);
}

/** A graph of what `build` adds. */
export function graphOf(build: (b: GraphBuilder, o: Emitter) => void): Graph {
  const b = testBuilder();
  build(b, new Emitter(b));
  return b.build({ key: 'value' });
}

/** Applies a rewrite and checks that the graph stays valid and means the same. */
export function rewritten(graph: Graph, rewrite: (graph: Graph) => Graph): Graph {
  const result = rewrite(graph);
  checkGraph(result, schemaOf);
  expect(result.inputs).toEqual(graph.inputs);
  expect(result.outputs).toEqual(graph.outputs);
  expect(result.metadata).toEqual(graph.metadata);
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name, shape }) => [name, ndarray(shape, (i) => Math.sin(i + 1))]),
  );
  const [before, after] = [evaluateGraph(graph, feeds), evaluateGraph(result, feeds)];
  // Constants are rounded to float32, 6e-8, once.
  for (const { name } of graph.outputs) requireClose(name, after.get(name), before.get(name), 1e-6);
  return result;
}

/** A weight of fixed random values. */
export const weights = (b: GraphBuilder, shape: Shape, name = 'w'): Value =>
  b.initializer(name, drawn(shape, name));
