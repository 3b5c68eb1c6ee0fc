import { sizeOf } from '../core/tensor.js';
import type { LayerGraph } from './layer-graph.js';
import type { LayerNode } from './layer-node.js';

/** Multiply–accumulates of a model for one picture. */
export interface Macs {
  readonly total: number;
  /** By the names of the layers that have any, in layer order; a layer that is called twice counts twice. */
  readonly byLayer: ReadonlyMap<string, number>;
}

/** How often each kernel value is used for one output pixel: once, in every layer that counts. */
const KERNELS: Readonly<Record<string, readonly string[]>> = {
  Conv2D: ['kernel'],
  DepthwiseConv2D: ['kernel'],
  SeparableConv2D: ['depthwise_kernel', 'pointwise_kernel'],
  Dense: ['kernel'],
};

/**
 * Counts the multiply–accumulates (MACs) of one forward pass of one picture, at the graph's own input size.
 *
 * What counts, as in the tables of the papers and of torchvision: every product of a convolution and of a
 * dense layer. A kernel [kh, kw, C / groups, filters] on an output [Ho, Wo, filters] takes kh·kw·(C / groups)·filters·Ho·Wo;
 * padded pixels count as any other. What does not: biases, batch norm (an inference folds it), activations,
 * pooling, sums, and the scaling of channels by squeeze-and-excitation. A FLOP count is usually twice this number.
 *
 * @example macsOf(mobileNetV2({ inputShape: [224, 224, 3], includeTop: { classes: 1000 } })).total // about 300e6
 */
export function macsOf(graph: LayerGraph): Macs {
  const byLayer = new Map<string, number>();
  for (const node of graph.nodes) {
    const macs = macsOfNode(graph, node);
    if (macs > 0) byLayer.set(node.layer.name, (byLayer.get(node.layer.name) ?? 0) + macs);
  }
  return { total: [...byLayer.values()].reduce((sum, macs) => sum + macs, 0), byLayer };
}

function macsOfNode(graph: LayerGraph, node: LayerNode): number {
  const kernels = KERNELS[node.layer.className];
  if (kernels === undefined) return 0;
  const values = node.layer
    .weights(graph.inputShapesOf(node))
    .filter(({ name }) => kernels.includes(name))
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  // [Ho, Wo, filters] of pictures, [units] of vectors: all axes but the last are places.
  return values * sizeOf(graph.shapeOf(node.name).slice(0, -1));
}
