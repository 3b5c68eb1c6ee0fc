import { GraphError } from '../core/errors.js';
import type { CallContext } from '../layers/layer.js';
import type { Value } from '../onnx/graph.js';
import { findHardSigmoids } from './fuse.js';
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

/** {@link forward} with the values of all nodes but the inner ones of a hard sigmoid. */
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
  const { sources, skipped } = findHardSigmoids(graph);
  for (const node of graph.nodes) {
    if (graph.inputs.includes(node.name) || skipped.has(node.name)) continue;
    const source = sources.get(node.name);
    const value =
      source === undefined
        ? callNode(node, context, values)
        : callHardSigmoid(node, context, valueOf(values, source));
    values.set(node.name, value);
  }
  return values;
}

function callNode(node: LayerNode, context: CallContext, values: ReadonlyMap<string, Value>): Value {
  const inputs = node.inbound.map((name) => valueOf(values, name));
  const own = node.training === false ? asInference(context) : context;
  return context.o.builder.within(node.name, () => node.layer.call(own, inputs));
}

/** The same context with training switched off. */
function asInference(context: CallContext): CallContext {
  return {
    o: context.o,
    training: false,
    weight: (layer, name) => context.weight(layer, name),
    movingAverage: (...rest) => context.movingAverage(...rest),
    dropoutMask: (...rest) => context.dropoutMask(...rest),
  };
}

function callHardSigmoid({ name }: LayerNode, { o }: CallContext, x: Value): Value {
  return o.builder.within(name, () => o.hardSigmoid(x, 1 / 6, 0.5));
}

function valueOf(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name);
  if (value !== undefined) return value;
  throw new GraphError({ where: 'forward', received: `no value for "${name}"`, expected: 'every input' });
}
