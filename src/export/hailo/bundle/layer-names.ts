import { InputError } from '../../../core/errors.js';
import type { HarLayer } from '../har/description.js';

/**
 * The compiler's names of layers that were nodes of the float model: it numbers layers by kind (`conv1`, `fc1`) and
 * keeps the nodes' names beside them.
 *
 * @param where the archive that the parser made
 * @param nodes names in the float model
 * @returns one name per node, repetitions left out
 * @throws InputError for a node that no layer stems from
 */
export function compilerLayers(
  where: string,
  layers: readonly Pick<HarLayer, 'name' | 'originalNames'>[],
  nodes: readonly string[],
): string[] {
  const names = nodes.map((node) => {
    const layer = layers.find(({ originalNames }) => originalNames.some((name) => isNode(name, node)));
    if (layer !== undefined) return layer.name;
    throw new InputError({
      where,
      received: `no layer that stems from the node "${node}"`,
      expected: 'one to keep 16 bits',
      remedy: 'make the bundle without it, or name another node',
    });
  });
  return [...new Set(names)];
}

/** The compiler may put the model's name before a node's. */
function isNode(original: string, node: string): boolean {
  return original === node || original.endsWith(`/${node}`);
}
