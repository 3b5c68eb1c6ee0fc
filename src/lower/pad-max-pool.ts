import type { Graph, Node } from '../onnx/graph.js';
import { producersOf } from '../onnx/graph.js';
import { zeroPads } from './fuse-padding.js';
import { attributesOf, copyNode, Producers, rewriteGraph, type Replacement } from './rewrite.js';

/**
 * Moves zero padding into the maximum pooling that reads it, where nothing is negative: zeros then win in no window
 * over a pixel of the image, so that it does not matter whether they count. DenseNet's stem pads by a layer of its own.
 */
export function padMaxPool(graph: Graph): Graph {
  const producers = new Producers(graph);
  const makers = producersOf(graph.nodes);
  const fused = new Map<Node, Replacement>();
  const dropped = new Set<Node>();
  for (const pool of graph.nodes) {
    const pad = pool.opType === 'MaxPool' ? producers.loneProducer(pool, 'Pad') : undefined;
    const amounts = pad === undefined ? undefined : zeroPads(graph, pad);
    if (pad === undefined || amounts === undefined || !isPlain(pool, amounts)) continue;
    if (makers.get(pad.inputs[0] ?? '')?.opType !== 'Relu') continue;
    fused.set(pool, (o) => copyNode(o.builder, pool, [pad.inputs[0] ?? ''], pool.outputs, { pads: amounts }));
    dropped.add(pad);
  }
  return rewriteGraph(graph, fused, dropped);
}

/** Without padding of its own, and with a window that never lies in the new padding alone. */
function isPlain(pool: Node, amounts: readonly number[]): boolean {
  const { kernel_shape, pads } = attributesOf(pool) as unknown as {
    kernel_shape: readonly number[];
    pads: readonly number[];
  };
  return pads.every((pad) => pad === 0) && amounts.every((amount, i) => amount < (kernel_shape[i % 2] ?? 0));
}
