import { GraphError } from '../core/errors.js';
import { sameShape } from '../core/tensor.js';
import type { Graph, Node, Value } from './graph.js';
import { plainAttributes, type SchemaLookup } from './schema.js';

/**
 * Verifies a graph: single assignment, topological order, known operators, arity, attributes, and that
 * every recorded type is what the operator's rule infers.
 *
 * @throws GraphError naming the first node that breaks a rule.
 */
export function checkGraph(graph: Graph, schemaOf: SchemaLookup): void {
  const defined = new Set<string>([...graph.inputs.map((value) => value.name), ...graph.initializers.keys()]);
  for (const node of graph.nodes) {
    for (const input of node.inputs) if (input !== '') requireDefined(node, input, defined);
    checkNode(node, graph, schemaOf);
    for (const output of node.outputs) define(node, output, defined);
  }
  for (const output of graph.outputs) {
    if (!defined.has(output.name))
      throw broken(`graph "${graph.name}"`, `output "${output.name}"`, 'a defined value');
  }
}

function checkNode(node: Node, graph: Graph, schemaOf: SchemaLookup): void {
  const schema = schemaOf(node.opType, node.domain);
  const inputs = node.inputs.map((name) => (name === '' ? undefined : valueOf(graph, name)));
  const context = { constantOf: (value: Value) => graph.initializers.get(value.name) };
  const inferred = schema.infer(inputs, plainAttributes(schema, node.attributes), context);
  node.outputs.forEach((name, i) => {
    const [expected, recorded] = [inferred[i], graph.types.get(name)];
    if (expected === undefined || recorded === undefined) return;
    if (expected.dtype === recorded.dtype && sameShape(expected.shape, recorded.shape)) return;
    throw broken(
      placeOf(node),
      `[${recorded.shape.join(', ')}] for "${name}"`,
      `[${expected.shape.join(', ')}]`,
    );
  });
}

function valueOf(graph: Graph, name: string): Value {
  const type = graph.types.get(name);
  if (type === undefined)
    throw broken(`graph "${graph.name}"`, `untyped value "${name}"`, 'a type for every value');
  return { name, ...type };
}

function requireDefined(node: Node, input: string, defined: ReadonlySet<string>): void {
  if (!defined.has(input)) throw broken(placeOf(node), `undefined input "${input}"`, 'an earlier value');
}

function define(node: Node, output: string, defined: Set<string>): void {
  if (output === '') return;
  if (defined.has(output))
    throw broken(placeOf(node), `a second definition of "${output}"`, 'single assignment');
  defined.add(output);
}

function placeOf(node: Node): string {
  return `${node.opType} "${node.name}"`;
}

function broken(where: string, received: string, expected: string): GraphError {
  return new GraphError({ where, received, expected });
}
