import { InputError } from '../core/errors.js';
import { defineLayer, onlyOf } from '../layers/define.js';
import type { LayerGraph, LayerNode } from '../models/layer-graph.js';

/** In training, drops whole pictures of a residual branch; exists only while a net trains, no file has it. */
const DropPath = defineLayer<{ readonly rate: number }>({
  className: 'DropPath',
  isLayer: false,
  read: (reader) => ({ rate: reader.number('rate') }),
  write: ({ rate }) => ({ rate }),
  outputShape: (_, inputs, where) => onlyOf(where, inputs),
  call: ({ rate }, { o, x, context, layer }) => {
    if (!context.training || rate === 0) return x;
    const [n = 1, channels = 1] = x.shape;
    const ones = x.shape.slice(1).map(() => 1);
    const mask = context.dropoutMask(layer, [n, ...ones], rate);
    // One factor per picture and channel is what squeeze-and-excite gates are: kernels know how to fuse it.
    return o.mul(x, o.expand(mask, [n, channels, ...ones.slice(1)]));
  },
});

/**
 * A net for training with stochastic depth (Huang et al. 2016, arXiv:1603.09382), as timm's `drop_path`: for each
 * picture the branch of a residual sum is left out with a probability that grows evenly with depth up to `rate` at
 * the last one, and is multiplied by 1 / (1 − probability) where it stays. Layers and weights are those of `graph`.
 *
 * @param rate 0..1, exclusive of 1
 * @throws InputError when the net has no residual sums
 */
export function withStochasticDepth(graph: LayerGraph, rate: number): LayerGraph {
  const sums = residualSums(graph);
  if (sums.length === 0) {
    throw new InputError({
      where: 'stochasticDepth',
      received: `the net "${graph.name}", which has no residual branches`,
      expected: 'a net that adds a branch to its own input, such as mobileNetV3Small',
    });
  }
  const nodes = [...graph.nodes];
  sums.forEach(({ sum, branch }, i) => {
    const name = `${sum.name}_drop_path`;
    const layer = DropPath.draft({ rate: (rate * (i + 1)) / sums.length }).create(name);
    const inbound = sum.inbound.map((from) => (from === branch ? name : from));
    nodes.push({ name, layer, inbound: [branch] });
    nodes[nodes.indexOf(sum)] = { ...sum, inbound };
  });
  return graph.with({ nodes });
}

interface ResidualSum {
  readonly sum: LayerNode;
  /** The node whose value is added to what it was made of. */
  readonly branch: string;
}

/** Sums of a value and of something computed from it, from the input to the output. */
function residualSums(graph: LayerGraph): ResidualSum[] {
  return graph.nodes.flatMap((sum) => {
    const [a = '', b = ''] = sum.inbound;
    if (sum.layer.className !== 'Add' || sum.inbound.length !== 2 || a === b) return [];
    if (isAncestor(graph, a, b)) return [{ sum, branch: b }];
    return isAncestor(graph, b, a) ? [{ sum, branch: a }] : [];
  });
}

function isAncestor(graph: LayerGraph, candidate: string, of: string): boolean {
  const waiting = [of];
  const seen = new Set(waiting);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === candidate) return true;
    for (const from of graph.node(name).inbound) {
      if (!seen.has(from)) waiting.push(from);
      seen.add(from);
    }
  }
  return false;
}
