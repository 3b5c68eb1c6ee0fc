import { GraphError } from '../core/errors.js';
import { GraphBuilder } from '../onnx/builder.js';
import { MIEN_DOMAIN, type Graph, type Node, type Value } from '../onnx/graph.js';
import { plainAttributes, type PlainAttributes, type SchemaLookup } from '../onnx/schema.js';
import { Emitter } from './emitter.js';
import { operatorOf, schemaOf } from './registry.js';

/**
 * Replaces every operator of Mien's own domain by its decomposition, until only ONNX's operators are left.
 * Names of inputs, outputs and initializers stay.
 *
 * @param lookup schemas of the operators that stay
 * @throws GraphError when an operator of Mien's domain has no decomposition
 * @example
 * const bytes = encodeModel(decomposeGraph(graph));
 */
export function decomposeGraph(graph: Graph, lookup: SchemaLookup = schemaOf): Graph {
  let current = graph;
  while (current.nodes.some(isOwn)) current = decomposeOnce(current, lookup);
  return current;
}

function decomposeOnce(graph: Graph, lookup: SchemaLookup): Graph {
  const copy = new GraphBuilder(graph.name, lookup);
  for (const { name, dtype, shape } of graph.inputs) copy.input(name, dtype, shape);
  for (const [name, tensor] of graph.initializers) copy.initializer(name, tensor);
  const outputs = new Set(graph.outputs.map((value) => value.name));
  const replaced = new Map<string, Value>();
  const valueOf = (name: string) => (name === '' ? undefined : (replaced.get(name) ?? copy.value(name)));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(valueOf);
    if (isOwn(node)) replaceNode(copy, node, inputs, replaced, outputs);
    else copyNode(copy, node, inputs);
  }
  return { ...copy.build(graph.metadata), outputs: graph.outputs };
}

function copyNode(copy: GraphBuilder, node: Node, inputs: (Value | undefined)[]): void {
  const entries = Object.entries(node.attributes).map(([name, { value }]) => [name, value] as const);
  const attributes: PlainAttributes = Object.fromEntries(entries);
  copy.node(node.opType, inputs, attributes, { domain: node.domain, outputNames: node.outputs });
}

function replaceNode(
  copy: GraphBuilder,
  node: Node,
  inputs: (Value | undefined)[],
  replaced: Map<string, Value>,
  graphOutputs: ReadonlySet<string>,
): void {
  // The node's name as scope keeps the new names apart from all others.
  const values = copy.within(node.name, () => decomposition(copy, node, inputs));
  node.outputs.forEach((name, i) => {
    const value = values[i];
    if (value === undefined) return;
    replaced.set(name, value);
    if (graphOutputs.has(name)) copy.node('Identity', [value], {}, { outputNames: [name] });
  });
}

function decomposition(copy: GraphBuilder, node: Node, inputs: (Value | undefined)[]): readonly Value[] {
  const operator = operatorOf(node.opType, node.domain);
  if (operator.decompose === undefined) {
    const received = `${node.opType} "${node.name}"`;
    throw new GraphError({ where: 'decomposeGraph', received, expected: 'operators with a decomposition' });
  }
  const attributes = plainAttributes(operator, node.attributes) as never;
  return operator.decompose({ o: new Emitter(copy), inputs, attributes });
}

function isOwn(node: Node): boolean {
  return node.domain === MIEN_DOMAIN;
}
