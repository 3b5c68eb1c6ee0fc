import { constantIntegers, type Graph, type Node } from '../onnx/graph.js';
import type { ConvAttributes } from '../ops/conv-geometry.js';
import { zeroPads } from './fuse-padding.js';
import { isPointwiseConv } from './pool-early.js';
import { attributesOf, copyNode, Producers, rewriteGraph, type Replacement } from './rewrite.js';

/**
 * Lets a pointwise convolution read every second pixel itself, instead of one that is handed every second pixel by a
 * pooling over single pixels; rows and columns that were cropped or padded before become zeros of its kernel. NASNet
 * halves its maps so. Exact. For inference: a strided convolution's gradient costs more than what this saves.
 */
export function fuseSampling(graph: Graph): Graph {
  const producers = new Producers(graph);
  const fused = new Map<Node, Replacement>();
  const dropped = new Set<Node>();
  for (const conv of graph.nodes) {
    const pool =
      conv.opType === 'Conv' && isPointwiseConv(graph, conv)
        ? producers.loneProducer(conv, 'AveragePool')
        : undefined;
    if (pool === undefined || !takesSinglePixels(pool)) continue;
    const { source, crop, pads, nodes } = cutsBefore(graph, producers, pool);
    fused.set(conv, (o) => {
      const weights = o.builder.value(conv.inputs[1] ?? '');
      const kernel = crop.some((rows) => rows > 0) ? o.pad(weights, [0, 0, ...crop, 0, 0, 0, 0]) : weights;
      const { strides } = attributesOf(pool);
      const inputs = [source, kernel.name, ...conv.inputs.slice(2)];
      const changed = { strides, pads: [0, 0, ...pads], kernel_shape: kernel.shape.slice(2) };
      copyNode(o.builder, conv, inputs, conv.outputs, changed);
    });
    for (const node of [pool, ...nodes]) dropped.add(node);
  }
  return rewriteGraph(graph, fused, dropped);
}

function takesSinglePixels(pool: Node): boolean {
  const { kernel_shape, pads } = attributesOf(pool) as unknown as ConvAttributes & { kernel_shape: number[] };
  return kernel_shape.every((side) => side === 1) && pads.every((pad) => pad === 0);
}

/** What happens to the borders before a pooling: rows and columns cropped at the top and left, zeros added beyond. */
interface Cuts {
  readonly source: string;
  readonly crop: readonly [number, number];
  readonly pads: readonly [number, number];
  readonly nodes: readonly Node[];
}

function cutsBefore(graph: Graph, producers: Producers, pool: Node): Cuts {
  const none: Cuts = { source: pool.inputs[0] ?? '', crop: [0, 0], pads: [0, 0], nodes: [] };
  const slice = producers.loneProducer(pool, 'Slice');
  const crop = slice === undefined ? undefined : cropOf(graph, slice);
  if (slice === undefined || crop === undefined) return none;
  const pad = producers.loneProducer(slice, 'Pad');
  const pads = pad === undefined ? undefined : padsOf(graph, pad);
  if (pad === undefined || pads === undefined)
    return { ...none, source: slice.inputs[0] ?? '', crop, nodes: [slice] };
  return { source: pad.inputs[0] ?? '', crop, pads, nodes: [slice, pad] };
}

/** [top, left] of a slice that takes away nothing else. */
function cropOf(graph: Graph, slice: Node): [number, number] | undefined {
  const [starts, ends, axes, steps = []] = [1, 2, 3, 4].map((i) => constantIntegers(graph, slice.inputs[i]));
  const sizes = graph.types.get(slice.inputs[0] ?? '')?.shape ?? [];
  if (axes?.join() !== '2,3' || starts === undefined || ends === undefined) return undefined;
  const whole =
    ends.every((end, i) => end >= (sizes[i + 2] ?? Infinity)) && steps.every((step) => step === 1);
  const [top = -1, left = -1] = starts;
  return whole && top >= 0 && left >= 0 ? [top, left] : undefined;
}

/** [bottom, right] of zero padding that adds nothing else. */
function padsOf(graph: Graph, pad: Node): [number, number] | undefined {
  const [top, left, bottom = 0, right = 0] = zeroPads(graph, pad) ?? [];
  return top === 0 && left === 0 ? [bottom, right] : undefined;
}
