import type { LayerGraph, LayerNode } from './layer-graph.js';

/**
 * Finds Keras's spelled-out hard sigmoid, `relu6(x + 3) · 1/6`, so that one ONNX node can stand for its three.
 *
 * @returns for each last node of such a chain, the node that feeds it; and the two nodes that fall away
 */
export function findHardSigmoids(graph: LayerGraph): {
  readonly sources: ReadonlyMap<string, string>;
  readonly skipped: ReadonlySet<string>;
} {
  const sources = new Map<string, string>();
  const skipped = new Set<string>();
  const uses = countUses(graph);
  for (const product of graph.nodes) {
    const relu6 = before(graph, product, uses);
    const sum = relu6 && before(graph, relu6, uses);
    const source = sum?.inbound[0];
    if (relu6 === undefined || sum === undefined || source === undefined) continue;
    if (!isTimesSixth(product) || !isRelu6(relu6) || !isPlusThree(sum)) continue;
    sources.set(product.name, source);
    skipped.add(relu6.name).add(sum.name);
  }
  return { sources, skipped };
}

/** The only node that feeds this one, if it feeds nothing else. */
function before(
  graph: LayerGraph,
  node: LayerNode,
  uses: ReadonlyMap<string, number>,
): LayerNode | undefined {
  const [name, ...others] = node.inbound;
  if (name === undefined || others.length > 0 || uses.get(name) !== 1) return undefined;
  return graph.node(name);
}

function countUses(graph: LayerGraph): Map<string, number> {
  const uses = new Map<string, number>();
  const names = [...graph.outputs, ...graph.nodes.flatMap((node) => node.inbound)];
  for (const name of names) uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
}

function isTimesSixth({ layer }: LayerNode): boolean {
  return layer.className === 'Multiply' && Math.abs((layer.operand?.value ?? 0) - 1 / 6) < 1e-7;
}

function isPlusThree({ layer }: LayerNode): boolean {
  return layer.className === 'Add' && layer.operand?.value === 3;
}

function isRelu6({ layer }: LayerNode): boolean {
  const { max_value: max, negative_slope: slope } = layer.config();
  return layer.className === 'ReLU' && max === 6 && slope === 0;
}
