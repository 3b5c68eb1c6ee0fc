import { GraphError } from '../core/errors.js';
import { sameShape } from '../core/tensor.js';
import type { Graph, Node, TypeInfo, Value } from './graph.js';
import { plainAttributes, type OperatorSchema, type SchemaLookup } from './schema.js';

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
  for (const output of graph.outputs) checkOutput(graph, output, defined);
}

function checkOutput(graph: Graph, output: Value, defined: ReadonlySet<string>): void {
  const where = `graph "${graph.name}"`;
  if (!defined.has(output.name)) throw broken(where, `output "${output.name}"`, 'a defined value');
  const type = valueOf(graph, output.name);
  if (sameType(type, output)) return;
  throw broken(where, `${typeText(output)} for output "${output.name}"`, typeText(type));
}

function checkNode(node: Node, graph: Graph, schemaOf: SchemaLookup): void {
  const schema = schemaOf(node.opType, node.domain);
  checkAttributes(node, schema);
  const [fewest, most] = schema.inputs;
  if (node.inputs.length < fewest || node.inputs.length > most) {
    const expected = fewest === most ? `${fewest}` : `${fewest} to ${most}`;
    throw broken(placeOf(node), `${node.inputs.length} inputs`, expected);
  }
  const inputs = node.inputs.map((name) => (name === '' ? undefined : valueOf(graph, name)));
  const context = { constantOf: (value: Value) => graph.initializers.get(value.name) };
  const inferred = schema.infer(inputs, plainAttributes(schema, node.attributes), context);
  checkResults(node, graph, inferred);
}

function checkAttributes(node: Node, schema: OperatorSchema): void {
  for (const [name, { kind }] of Object.entries(node.attributes)) {
    const spec = schema.attributes[name];
    if (spec === undefined) {
      const known = Object.keys(schema.attributes).join(', ');
      throw broken(placeOf(node), `attribute "${name}"`, known === '' ? 'none' : known);
    }
    if (kind !== spec.kind) throw broken(placeOf(node), `${kind} as attribute "${name}"`, spec.kind);
  }
}

function checkResults(node: Node, graph: Graph, inferred: readonly TypeInfo[]): void {
  if (node.outputs.length > inferred.length) {
    throw broken(placeOf(node), `${node.outputs.length} outputs`, `at most ${inferred.length}`);
  }
  node.outputs.forEach((name, i) => {
    const [expected, recorded] = [inferred[i], graph.types.get(name)];
    if (name === '' || expected === undefined) return;
    if (recorded !== undefined && sameType(expected, recorded)) return;
    const received = recorded === undefined ? 'no type' : typeText(recorded);
    throw broken(placeOf(node), `${received} for "${name}"`, typeText(expected));
  });
}

function sameType(a: TypeInfo, b: TypeInfo): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

function typeText({ dtype, shape }: TypeInfo): string {
  return `${dtype}[${shape.join(', ')}]`;
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
