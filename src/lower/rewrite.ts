import { GraphBuilder } from '../onnx/builder.js';
import { consumersOf, producersOf, type Graph, type Node } from '../onnx/graph.js';
import { plainAttributes, type PlainAttributes } from '../onnx/schema.js';
import { Emitter } from '../ops/emitter.js';
import { operatorOf, schemaOf } from '../ops/registry.js';

/** What stands in place of a node; its results take the names of the node's outputs. */
export type Replacement = (o: Emitter) => void;

/**
 * Copies a graph with some nodes replaced, each at its own place, and others left out.
 *
 * @param dropped nodes that only replaced ones read
 */
export function rewriteGraph(
  graph: Graph,
  replacements: ReadonlyMap<Node, Replacement>,
  dropped: ReadonlySet<Node>,
): Graph {
  if (replacements.size === 0) return graph;
  const head: Graph = { ...graph, nodes: [], outputs: [], types: inputTypes(graph) };
  const builder = GraphBuilder.resume(head, schemaOf);
  for (const node of graph.nodes) {
    const replacement = replacements.get(node);
    if (replacement !== undefined)
      builder.within(`${node.name}/fold`, () => replacement(new Emitter(builder)));
    else if (!dropped.has(node)) copyNode(builder, node, node.inputs, node.outputs);
  }
  return { ...builder.build(graph.metadata), outputs: graph.outputs };
}

function inputTypes(graph: Graph): Graph['types'] {
  const names = [...graph.inputs.map((input) => input.name), ...graph.initializers.keys()];
  return new Map(
    names.flatMap((name) => {
      const type = graph.types.get(name);
      return type === undefined ? [] : [[name, type] as const];
    }),
  );
}

/** Adds a node like another, with other inputs, outputs or attributes. */
export function copyNode(
  builder: GraphBuilder,
  node: Node,
  inputs: readonly string[],
  outputs: readonly string[],
  changed: PlainAttributes = {},
): void {
  const values = inputs.map((name) => (name === '' ? undefined : builder.value(name)));
  const attributes = { ...attributesOf(node), ...changed };
  builder.node(node.opType, values, attributes, { domain: node.domain, outputNames: outputs });
}

/** The attributes of a node, defaults included. */
export function attributesOf(node: Node): PlainAttributes {
  return plainAttributes(operatorOf(node.opType, node.domain), node.attributes);
}

/** Finds what produces an input of a node, where nothing else reads it and it is no output of the graph. */
export class Producers {
  private readonly producers: ReadonlyMap<string, Node>;
  private readonly consumers: ReadonlyMap<string, readonly Node[]>;
  private readonly kept: ReadonlySet<string>;

  constructor(graph: Graph) {
    this.producers = producersOf(graph.nodes);
    this.consumers = consumersOf(graph.nodes);
    this.kept = new Set(graph.outputs.map((output) => output.name));
  }

  /** The only reader of what a node gives. */
  loneReader(node: Node): Node | undefined {
    const [output = ''] = node.outputs;
    const readers = this.consumers.get(output) ?? [];
    return readers.length === 1 && !this.kept.has(output) ? readers[0] : undefined;
  }

  /** The node behind the first input, of one type, read by this one alone. */
  loneProducer(node: Node, opType: string): Node | undefined {
    const producer = this.producers.get(node.inputs[0] ?? '');
    return producer?.opType === opType && this.loneReader(producer) === node ? producer : undefined;
  }
}
