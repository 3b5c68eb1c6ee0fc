import type { Shape } from '../core/tensor.js';
import type { LayerDraft } from '../layers/define.js';
import { inputLayer } from '../layers/input-layer.js';
import { LayerGraph, type LayerNode } from './layer-graph.js';

/** The output of a layer of a net under construction. */
export interface Feature {
  readonly net: NetBuilder;
  /** Name of the node. */
  readonly node: string;
  /** Keras shape, without the batch axis. */
  readonly shape: Shape;
}

/**
 * Builds a layer graph layer by layer, naming as Keras does: what gets no name is called after its class
 * (`re_lu`, `re_lu_1`, ...).
 *
 * @example
 * const net = new NetBuilder();
 * const image = net.input([128, 128, 3]);
 * const x = net.add(conv2d({ filters: 16, kernelSize: 3 }), image, 'conv');
 * const graph = net.build('tiny', [x]);
 */
export class NetBuilder {
  private readonly nodes: LayerNode[] = [];
  private readonly names = new Set<string>();
  private readonly counters = new Map<string, number>();
  private readonly inputs: string[] = [];

  /** A net that goes on where a graph ends, and the features at its outputs. */
  static extend(graph: LayerGraph): { net: NetBuilder; features: readonly Feature[] } {
    const net = new NetBuilder();
    for (const node of graph.nodes) net.register(node);
    net.inputs.push(...graph.inputs);
    const features = graph.outputs.map((node) => ({ net, node, shape: graph.shapeOf(node) }));
    return { net, features };
  }

  /** Adds an entry for values of a Keras shape without its batch axis. */
  input(shape: Shape, name?: string): Feature {
    const feature = this.add(inputLayer(shape), [], name);
    this.inputs.push(feature.node);
    return feature;
  }

  /** Adds a layer behind one or several others. @throws InputError when it refuses their shapes */
  add(draft: LayerDraft, from: Feature | readonly Feature[], name?: string): Feature {
    const features: readonly Feature[] = 'node' in from ? [from] : from;
    const layer = draft.create(name ?? this.autoName(draft.className));
    const shape = layer.outputShape(features.map((feature) => feature.shape));
    this.register({ name: layer.name, layer, inbound: features.map((feature) => feature.node) });
    return { net: this, node: layer.name, shape };
  }

  /** The finished graph with these outputs. */
  build(name: string, outputs: readonly Feature[]): LayerGraph {
    const { nodes, inputs } = this;
    return new LayerGraph({ name, nodes, inputs, outputs: outputs.map((feature) => feature.node) });
  }

  private register(node: LayerNode): void {
    this.nodes.push(node);
    this.names.add(node.name);
  }

  private autoName(className: string): string {
    const stem = snakeCase(className);
    for (;;) {
      const count = this.counters.get(stem) ?? 0;
      this.counters.set(stem, count + 1);
      const name = count === 0 ? stem : `${stem}_${count}`;
      if (!this.names.has(name)) return name;
    }
  }
}

/** Keras's snake case of a class name: `Conv2D` → `conv2d`, `ReLU` → `re_lu`. */
export function snakeCase(className: string): string {
  return className
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
