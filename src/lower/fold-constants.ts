import type { Tensor } from '../core/tensor.js';
import type { Graph, Node, TypeInfo } from '../onnx/graph.js';
import { plainAttributes } from '../onnx/schema.js';
import { fromTensor } from '../ops/reference/ndarray.js';
import { operatorOf } from '../ops/registry.js';

/** Larger results are left to the runtime: the reference kernels are slow. */
const LARGEST = 4_000_000;

/** Replaces nodes whose inputs are all constants by their float64-computed, float32-rounded results. */
export function foldConstants(graph: Graph): Graph {
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.filter((node) => {
    const results = isFoldable(graph, node, initializers) ? compute(graph, node, initializers) : undefined;
    results?.forEach((tensor, i) => initializers.set(node.outputs[i] ?? '', tensor));
    return results === undefined;
  });
  return { ...graph, nodes, initializers };
}

function isFoldable(graph: Graph, node: Node, initializers: ReadonlyMap<string, Tensor>): boolean {
  const constant = node.inputs.every((name) => name === '' || isNumeric(initializers.get(name)));
  const named = node.outputs.some((name) => graph.outputs.some((output) => output.name === name));
  const types = node.outputs.map((name) => graph.types.get(name));
  const small = types.every(
    (type) => type?.dtype === 'float32' && type.shape.reduce((a, b) => a * b, 1) <= LARGEST,
  );
  return constant && !named && small;
}

/** The reference kernels do not read half precision. */
function isNumeric(tensor: Tensor | undefined): boolean {
  return tensor !== undefined && tensor.dtype !== 'float16';
}

function compute(graph: Graph, node: Node, initializers: ReadonlyMap<string, Tensor>): Tensor[] {
  const operator = operatorOf(node.opType, node.domain);
  const inputs = node.inputs.map((name) => {
    const tensor = initializers.get(name);
    return tensor === undefined ? undefined : fromTensor(tensor);
  });
  const results = operator.reference(inputs, plainAttributes(operator, node.attributes) as never);
  return results.map((result, i) => {
    const shape = (graph.types.get(node.outputs[i] ?? '') as TypeInfo).shape;
    return { dtype: 'float32', shape, data: Float32Array.from(result.data) };
  });
}
