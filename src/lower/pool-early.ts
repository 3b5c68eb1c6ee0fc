import type { Graph, Node } from '../onnx/graph.js';
import { convGeometry, isPointwise, type ConvAttributes } from '../ops/conv-geometry.js';
import { attributesOf, copyNode, Producers, rewriteGraph, type Replacement } from './rewrite.js';

/**
 * Averages before a pointwise convolution instead of after it: both are linear and act on different axes, so they
 * commute, and the convolution has a quarter of the pixels left. DenseNet's transitions are written the long way.
 */
export function poolEarly(graph: Graph): Graph {
  const producers = new Producers(graph);
  const swaps = new Map<Node, Replacement>();
  const dropped = new Set<Node>();
  for (const pool of graph.nodes) {
    const conv = shrinks(pool) ? producers.loneProducer(pool, 'Conv') : undefined;
    if (conv === undefined || !isPointwiseConv(graph, conv)) continue;
    swaps.set(pool, (o) => {
      const pooled = o.op('AveragePool', [o.builder.value(conv.inputs[0] ?? '')], attributesOf(pool));
      copyNode(o.builder, conv, [pooled.name, ...conv.inputs.slice(1)], pool.outputs);
    });
    dropped.add(conv);
  }
  return rewriteGraph(graph, swaps, dropped);
}

/** Without padding, so that a bias stays what it was whether or not the border counts. */
function shrinks(node: Node): boolean {
  if (node.opType !== 'AveragePool') return false;
  const { strides, pads } = attributesOf(node) as unknown as ConvAttributes;
  return strides.some((stride) => stride > 1) && pads.every((pad) => pad === 0);
}

/** Whether a convolution is a matrix product over channels. */
export function isPointwiseConv(graph: Graph, conv: Node): boolean {
  const [x, weights] = conv.inputs.map((name) => graph.types.get(name)?.shape ?? []);
  return isPointwise(
    convGeometry('Conv', x ?? [], weights ?? [], attributesOf(conv) as unknown as ConvAttributes),
  );
}
