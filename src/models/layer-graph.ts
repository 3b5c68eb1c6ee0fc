import { InputError } from '../core/errors.js';
import type { Shape } from '../core/tensor.js';
import type { Layer, WeightSpec } from '../layers/layer.js';
import { kerasOrder } from './keras-order.js';
import type { LayerNode } from './layer-node.js';

export type { LayerNode } from './layer-node.js';

/** A weight together with its layer. */
export interface WeightSlot {
  /** `layer/weight`, the key into a model's weights, e.g. `conv_bn/gamma`. */
  readonly key: string;
  readonly layer: Layer;
  readonly spec: WeightSpec;
}

/** What a graph is made of. */
export interface LayerGraphParts {
  readonly name: string;
  readonly nodes: readonly LayerNode[];
  /** Names of input nodes. */
  readonly inputs: readonly string[];
  /** Names of the nodes whose values the model returns. */
  readonly outputs: readonly string[];
}

/**
 * A functional Keras model without its weights' values: layers, who feeds whom, and all shapes.
 *
 * Nodes stand in the order that Keras gives to the same model, so `graph.layers.slice(-60)` names what
 * Keras's `model.layers[-60:]` names. Nodes that no output needs are left out.
 */
export class LayerGraph {
  readonly name: string;
  readonly nodes: readonly LayerNode[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Keras shape (no batch axis) of every node's output. */
  readonly shapes: ReadonlyMap<string, Shape>;
  private readonly byName: ReadonlyMap<string, LayerNode>;

  /** @throws InputError on cycles, unknown names, and layers that refuse their inputs */
  constructor({ name, nodes, inputs, outputs }: LayerGraphParts) {
    this.name = name;
    this.nodes = kerasOrder(name, nodes, outputs);
    this.inputs = inputs;
    this.outputs = outputs;
    this.byName = new Map(this.nodes.map((node) => [node.name, node]));
    this.shapes = this.inferShapes();
  }

  /** The same graph with some parts exchanged. @throws InputError as the constructor */
  with(changes: Partial<LayerGraphParts>): LayerGraph {
    const { name, nodes, inputs, outputs } = this;
    return new LayerGraph({ name, nodes, inputs, outputs, ...changes });
  }

  /** Layers in Keras's order, each once, bare operations left out: Keras's `model.layers`. */
  get layers(): readonly Layer[] {
    const unique = new Set(this.nodes.map((node) => node.layer));
    return [...unique].filter((layer) => layer.isLayer);
  }

  /** The node of a name. @throws InputError when there is none. */
  node(name: string): LayerNode {
    const found = this.byName.get(name);
    if (found !== undefined) return found;
    const received = `the name "${name}"`;
    throw new InputError({ where: `model "${this.name}"`, received, expected: 'the name of a layer' });
  }

  /** Keras shape of a node's output. @throws InputError on an unknown name */
  shapeOf(name: string): Shape {
    return this.shapes.get(this.node(name).name) ?? [];
  }

  /** Keras shapes of what a node reads. */
  inputShapesOf(node: LayerNode): Shape[] {
    return node.inbound.map((name) => this.shapeOf(name));
  }

  /** Every weight, in layer order. */
  get weightSlots(): readonly WeightSlot[] {
    const seen = new Set<Layer>();
    return this.nodes.flatMap((node) => {
      if (seen.has(node.layer)) return [];
      seen.add(node.layer);
      return node.layer
        .weights(this.inputShapesOf(node))
        .map((spec) => ({ key: weightKey(node.layer, spec.name), layer: node.layer, spec }));
    });
  }

  private inferShapes(): ReadonlyMap<string, Shape> {
    const shapes = new Map<string, Shape>();
    for (const { name, layer, inbound } of this.nodes) {
      const inputs = inbound.map((from) => shapes.get(from) ?? []);
      shapes.set(name, layer.outputShape(inputs));
    }
    return shapes;
  }
}

/** The key of a layer's weight in a model's weights. */
export function weightKey(layer: Layer, weight: string): string {
  return `${layer.name}/${weight}`;
}
