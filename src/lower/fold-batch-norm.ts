import type { Graph, Node, Value } from '../onnx/graph.js';
import type { Emitter } from '../ops/emitter.js';
import { attributesOf, copyNode, Producers, rewriteGraph, type Replacement } from './rewrite.js';

/**
 * Folds each batch norm that runs on given statistics into the convolution before it:
 * `scale·(W∗x − mean)/√(var+ε) + bias = (a·W)∗x + (bias − a·mean)` with a = scale/√(var+ε) per channel.
 *
 * Exact, and differentiable: the folded weights are computed in the graph from W, so that a trained W under
 * a frozen batch norm still gets its gradient.
 */
export function foldBatchNorm(graph: Graph): Graph {
  const producers = new Producers(graph);
  const folds = new Map<Node, Replacement>();
  const dropped = new Set<Node>();
  for (const norm of graph.nodes) {
    const conv = norm.opType === 'BatchNormalization' ? producers.loneProducer(norm, 'Conv') : undefined;
    if (conv?.inputs.length !== 2) continue;
    folds.set(norm, (o) => emitFolded(o, conv, norm));
    dropped.add(conv);
  }
  return rewriteGraph(graph, folds, dropped);
}

function emitFolded(o: Emitter, conv: Node, norm: Node): void {
  const value = (node: Node, i: number): Value => o.builder.value(node.inputs[i] ?? '');
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => value(norm, i)) as [
    Value,
    Value,
    Value,
    Value,
  ];
  const { epsilon } = attributesOf(norm);
  const factor = o.mul(scale, o.reciprocal(o.sqrt(o.add(variance, Number(epsilon)))));
  const weights = o.mul(value(conv, 1), o.reshape(factor, [scale.shape[0] ?? 1, 1, 1, 1]));
  const shift = o.sub(bias, o.mul(mean, factor));
  copyNode(o.builder, conv, [conv.inputs[0] ?? '', weights.name, shift.name], norm.outputs);
}
