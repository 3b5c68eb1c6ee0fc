import type { Shape } from '../../core/tensor.js';
import type { ConfigReader } from '../../layers/config-reader.js';
import type { Layer } from '../../layers/layer.js';
import type { LayerNode } from '../../models/layer-graph.js';
import type { Operation } from './program.js';
import type { ProgramBuilder } from './program-builder.js';

/** What a layer's rule gets to turn it into steps. */
export interface LayerContext {
  readonly builder: ProgramBuilder;
  readonly node: LayerNode;
  readonly layer: Layer;
  readonly reader: ConfigReader;
  /** Names of the values it reads. */
  readonly inputs: readonly string[];
  /** Their shapes, batch first. */
  readonly shapes: readonly Shape[];
  /** Shape of its result, batch first. */
  readonly shape: Shape;
  /** One of its weights in Keras layout. */
  readonly weight: (name: string) => Float32Array;
}

/** Adds the only step of a layer, under its name. */
export function emit({ builder, node, inputs, shape }: LayerContext, operation: Operation): string {
  return builder.add(operation, { name: node.name, inputs, shape });
}
