import type { Layer } from '../layers/layer.js';

/** One call of a layer; a layer that is called twice (shared weights) has two nodes. */
export interface LayerNode {
  /** The layer's name for its first call, `name:1` for the second, ... */
  readonly name: string;
  readonly layer: Layer;
  /** Names of the nodes whose outputs it reads. */
  readonly inbound: readonly string[];
  /** False where Keras calls the layer with `training=False`: it then runs as inference even in training. */
  readonly training?: false;
}
