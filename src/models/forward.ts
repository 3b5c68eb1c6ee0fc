import { GraphError } from '../core/errors.js';
import type { CallContext } from '../layers/layer.js';
import type { Value } from '../onnx/graph.js';
import type { LayerGraph, LayerNode } from './layer-graph.js';

/**
 * Adds a layer graph's nodes to an ONNX graph.
 *
 * @param inputs one value per graph input: [N, C, H, W] for Keras shape [H, W, C], [N, F] for [F]
 * @returns the outputs by node name; pictures again as [N, C, H, W]
 * @example const logits = forward(model.graph, context, [images]).get('logits');
 */
export function forward(
  graph: LayerGraph,
  context: CallContext,
  inputs: readonly Value[],
): Map<string, Value> {
  const values = forwardAll(graph, context, inputs);
  return new Map(graph.outputs.map((name) => [name, valueOf(values, name)]));
}

/** {@link forward} with every node's value. */
export function forwardAll(
  graph: LayerGraph,
  context: CallContext,
  inputs: readonly Value[],
): Map<string, Value> {
  const values = new Map<string, Value>();
  graph.inputs.forEach((name, i) => {
    const value = inputs[i];
    if (value !== undefined) values.set(name, value);
  });
  for (const node of graph.nodes) {
    if (!graph.inputs.includes(node.name)) values.set(node.name, callNode(node, context, values));
  }
  return values;
}

function callNode(node: LayerNode, context: CallContext, values: ReadonlyMap<string, Value>): Value {
  const inputs = node.inbound.map((name) => valueOf(values, name));
  return context.o.builder.within(node.name, () => node.layer.call(context, inputs));
}

function valueOf(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name);
  if (value !== undefined) return value;
  throw new GraphError({ where: 'forward', received: `no value for "${name}"`, expected: 'every input' });
}
