import { GraphBuilder } from '../onnx/builder.js';
import { consumersOf, producersOf, type Graph, type Node, type Value } from '../onnx/graph.js';
import { plainAttributes } from '../onnx/schema.js';
import { Emitter } from '../ops/emitter.js';
import { operatorOf, schemaOf } from '../ops/registry.js';

/**
 * Folds each batch norm that runs on given statistics into the convolution before it:
 * `scale·(W∗x − mean)/√(var+ε) + bias = (a·W)∗x + (bias − a·mean)` with a = scale/√(var+ε) per channel.
 *
 * Exact, and differentiable: the folded weights are computed in the graph from W, so that a trained W under
 * a frozen batch norm still gets its gradient.
 */
export function foldBatchNorm(graph: Graph): Graph {
  const producers = producersOf(graph.nodes);
  const consumers = consumersOf(graph.nodes);
  const kept = new Set(graph.outputs.map((output) => output.name));
  const folds = new Map<Node, Node>();
  for (const norm of graph.nodes) {
    const conv = norm.opType === 'BatchNormalization' ? producers.get(norm.inputs[0] ?? '') : undefined;
    const output = conv?.outputs[0] ?? '';
    const lonely = consumers.get(output)?.length === 1 && !kept.has(output);
    if (conv?.opType === 'Conv' && conv.inputs.length === 2 && lonely) folds.set(norm, conv);
  }
  return folds.size === 0 ? graph : rebuild(graph, folds);
}

/** Copies the graph; a folded pair becomes one convolution at the place of the batch norm. */
function rebuild(graph: Graph, folds: ReadonlyMap<Node, Node>): Graph {
  const dropped = new Set(folds.values());
  const head: Graph = { ...graph, nodes: [], outputs: [], types: inputTypes(graph) };
  const builder = GraphBuilder.resume(head, schemaOf);
  for (const node of graph.nodes) {
    const conv = folds.get(node);
    if (conv !== undefined) emitFolded(builder, conv, node);
    else if (!dropped.has(node)) emitCopy(builder, node, node.inputs, node.outputs);
  }
  return { ...builder.build(graph.metadata), outputs: graph.outputs };
}

function inputTypes(graph: Graph): Graph['types'] {
  const names = [...graph.inputs.map((input) => input.name), ...graph.initializers.keys()];
  return new Map(
    names.flatMap((name) => {
      const type = graph.types.get(name);
      return type === undefined ? [] : [[name, type] as const];
    }),
  );
}

function emitCopy(
  builder: GraphBuilder,
  node: Node,
  inputs: readonly string[],
  outputs: readonly string[],
): void {
  const values = inputs.map((name) => (name === '' ? undefined : builder.value(name)));
  const attributes = plainAttributes(operatorOf(node.opType, node.domain), node.attributes);
  builder.node(node.opType, values, attributes, { domain: node.domain, outputNames: outputs });
}

function emitFolded(builder: GraphBuilder, conv: Node, norm: Node): void {
  const o = new Emitter(builder);
  const value = (node: Node, i: number): Value => builder.value(node.inputs[i] ?? '');
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => value(norm, i)) as [
    Value,
    Value,
    Value,
    Value,
  ];
  const { epsilon } = plainAttributes(operatorOf('BatchNormalization'), norm.attributes);
  builder.within(`${norm.name}/fold`, () => {
    const factor = o.mul(scale, o.reciprocal(o.sqrt(o.add(variance, Number(epsilon)))));
    const weights = o.mul(value(conv, 1), o.reshape(factor, [scale.shape[0] ?? 1, 1, 1, 1]));
    const shift = o.sub(bias, o.mul(mean, factor));
    emitCopy(builder, conv, [conv.inputs[0] ?? '', weights.name, shift.name], norm.outputs);
  });
}
