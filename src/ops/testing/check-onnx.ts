import { GraphBuilder } from '../../onnx/builder.js';
import type { Graph } from '../../onnx/graph.js';
import { decomposeGraph } from '../decompose.js';
import { evaluateGraph } from '../reference/evaluate.js';
import { schemaOf } from '../registry.js';
import { buildCase } from './build-case.js';
import type { OperatorCase } from './case.js';
import { requireClose } from './compare.js';
import { runOnnx } from './run-onnx.js';

/** float32 has 6e-8 relative accuracy; sums of up to some hundred products of order 1 lose two digits of it. */
export const FLOAT32_TOLERANCE = 1e-5;

/**
 * Runs a case's graph, gradients included, decomposed into ONNX's operators in ONNX Runtime, and compares
 * every output with the reference kernels on the graph as built.
 */
export async function checkAgainstOnnxRuntime(c: OperatorCase): Promise<void> {
  const { graph, feeds } = buildCase(c);
  const expected = evaluateGraph(graph, feeds);
  const actual = await runOnnx(decomposeGraph(graph), feeds);
  for (const { name } of graph.outputs) {
    // The loss sums terms of both signs; its parts are compared instead.
    if (name === 'loss') continue;
    requireClose(`${c.name}, ${name}`, actual.get(name), expected.get(name), FLOAT32_TOLERANCE);
  }
}

/** A builder for tests. */
export function testBuilder(name = 'test'): GraphBuilder {
  return new GraphBuilder(name, schemaOf);
}

/** Operator names of a graph, in order, with their domains. */
export function operatorsOf(graph: Graph): string[] {
  return graph.nodes.map(({ domain, opType }) => (domain === '' ? opType : `${domain}.${opType}`));
}
