import type { FlatLayout } from '../models/flat.js';
import type { LayerGraph } from '../models/layer-graph.js';

/** Leading part of a layer's name that says which block it belongs to, in Keras's nets. */
const BLOCK = /^(expanded_conv(?:_\d+)?|block_\d+|conv\d+_block\d+)(?=_|$)/;

/** Layers per group where names tell of no blocks, as timm groups nets that it knows nothing about. */
const LAYERS_PER_GROUP = 12;

/**
 * Depth of every layer: 0 for the stem, then one more per block, the largest for the whole head.
 *
 * Blocks are those of the names in MobileNets and DenseNets; what stands between two blocks, such as DenseNet's
 * transitions or MobileNet's last convolution, is one of its own. Other nets are cut into groups of twelve layers
 * with weights.
 *
 * @param headStart name of the head's first layer
 */
export function layerDepths(graph: LayerGraph, headStart: string): ReadonlyMap<string, number> {
  const start = graph.layers.findIndex((layer) => layer.name === headStart);
  const weighted = new Set(graph.weightSlots.map(({ layer }) => layer.name));
  const names = graph.layers.map(({ name }) => name);
  const backbone = names.slice(0, start).filter((name) => weighted.has(name));
  const blocks = backbone.map((name) => BLOCK.exec(name)?.[1] ?? '');
  const known = new Set(blocks).size > 2;
  const groups = known ? blocks : backbone.map((_, i) => String(Math.floor(i / LAYERS_PER_GROUP)));
  const depths = new Map<string, number>();
  let depth = 0;
  backbone.forEach((name, i) => {
    if (i > 0 && groups[i] !== groups[i - 1]) depth++;
    depths.set(name, depth);
  });
  const head = backbone.length === 0 ? 0 : depth + 1;
  for (const name of names.slice(start)) depths.set(name, head);
  return depths;
}

/**
 * Discriminative learning rates (Howard & Ruder 2018, arXiv:1801.06146) in the form of timm's `layer_decay`:
 * the head learns at the full rate, and each block below it at `decay` times the rate of the one above.
 *
 * @param decay 0..1; 1 changes nothing
 * @returns a factor of the learning rate for every parameter, `[P]`
 */
export function learningRateFactors(
  layout: FlatLayout,
  depths: ReadonlyMap<string, number>,
  decay: number,
): Float32Array {
  const deepest = Math.max(0, ...depths.values());
  const factors = new Float32Array(layout.size);
  for (const { slot, offset, size } of layout.entries)
    factors.fill(decay ** (deepest - (depths.get(slot.layer.name) ?? deepest)), offset, offset + size);
  return factors;
}
