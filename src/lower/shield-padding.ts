import { float32 } from '../core/tensor.js';
import { consumersOf, type Graph, type Node } from '../onnx/graph.js';

/**
 * Smallest positive number of half precision. ONNX Runtime 1.30 fuses zero padding into the max pooling after it as
 * if the zeros did not count, which is wrong where all pixels of a window are negative; other padding it leaves.
 */
export const NEARLY_ZERO = 2 ** -24;

const NAME = 'nearly_zero';

/** Fills padding that max pooling reads with {@link NEARLY_ZERO} instead of zero. */
export function shieldPadding(graph: Graph): Graph {
  const consumers = consumersOf(graph.nodes);
  const isPooled = (node: Node) =>
    isZeroPad(node) &&
    (consumers.get(node.outputs[0] ?? '') ?? []).some(({ opType }) => opType === 'MaxPool');
  if (!graph.nodes.some(isPooled)) return graph;
  const fill = float32([NEARLY_ZERO], []);
  return {
    ...graph,
    nodes: graph.nodes.map((node) =>
      isPooled(node) ? { ...node, inputs: [node.inputs[0] ?? '', node.inputs[1] ?? '', NAME] } : node,
    ),
    initializers: new Map([...graph.initializers, [NAME, fill]]),
    types: new Map([...graph.types, [NAME, { dtype: fill.dtype, shape: fill.shape }]]),
  };
}

function isZeroPad({ opType, attributes, inputs }: Node): boolean {
  return opType === 'Pad' && (attributes['mode']?.value ?? 'constant') === 'constant' && inputs.length === 2;
}
