import { InputError } from '../core/errors.js';
import type { Layer } from '../layers/layer.js';
import type { LayerNode } from './layer-node.js';

/**
 * Sorts nodes as Keras 3 orders the operations of a functional model: by decreasing distance from the
 * outputs, and within one distance by the order in which a depth-first walk from the outputs meets them.
 *
 * @throws InputError on a cycle, an unknown inbound name, or two nodes of one name
 */
export function kerasOrder(
  model: string,
  nodes: readonly LayerNode[],
  outputs: readonly string[],
): LayerNode[] {
  const byName = index(model, nodes);
  const { finished, rank } = walk(model, byName, outputs);
  const depth = depths(finished, byName);
  const place = (node: LayerNode) => rank.get(node.layer) ?? 0;
  return finished.slice().sort((a, b) => (depth.get(b) ?? 0) - (depth.get(a) ?? 0) || place(a) - place(b));
}

function index(model: string, nodes: readonly LayerNode[]): ReadonlyMap<string, LayerNode> {
  const byName = new Map<string, LayerNode>();
  for (const node of nodes) {
    if (byName.has(node.name)) throw broken(model, `two layers named "${node.name}"`, 'unique names');
    byName.set(node.name, node);
  }
  return byName;
}

/** Depth-first from the outputs, without recursion: nets may be thousands of layers deep. */
function walk(model: string, byName: ReadonlyMap<string, LayerNode>, outputs: readonly string[]) {
  const finished: LayerNode[] = [];
  const rank = new Map<Layer, number>();
  const state = new Map<string, 'open' | 'done'>();
  const stack = [...outputs].reverse().map((name) => ({ name, next: 0 }));
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const node = byName.get(top.name);
    if (node === undefined)
      throw broken(model, `a reference to "${top.name}"`, 'the name of a layer of the model');
    if (top.next === 0 && state.get(node.name) !== undefined) {
      if (state.get(node.name) === 'open') throw broken(model, `a cycle through "${node.name}"`, 'no cycle');
      stack.pop();
      continue;
    }
    if (top.next === 0) state.set(node.name, 'open');
    if (!rank.has(node.layer)) rank.set(node.layer, rank.size);
    const child = node.inbound[top.next++];
    if (child !== undefined) {
      stack.push({ name: child, next: 0 });
    } else {
      state.set(node.name, 'done');
      finished.push(node);
      stack.pop();
    }
  }
  return { finished, rank };
}

/** Distance from the outputs; nodes of one shared layer count as deep as the deepest of them so far. */
function depths(finished: readonly LayerNode[], byName: ReadonlyMap<string, LayerNode>) {
  const depth = new Map<LayerNode, number>();
  const layerDepth = new Map<Layer, number>();
  for (const node of finished.slice().reverse()) {
    const own = Math.max(depth.get(node) ?? 0, layerDepth.get(node.layer) ?? 0);
    layerDepth.set(node.layer, own);
    depth.set(node, own);
    for (const name of node.inbound) {
      const parent = byName.get(name);
      if (parent !== undefined) depth.set(parent, Math.max(own + 1, depth.get(parent) ?? 0));
    }
  }
  return depth;
}

function broken(model: string, received: string, expected: string): InputError {
  return new InputError({ where: `model "${model}"`, received, expected });
}
