import { sizeOf, type Tensor } from '../core/tensor.js';
import type { Attribute, Graph, Node, TypeInfo } from './graph.js';

/**
 * A readable listing of a graph, one node a line, for tests and for people.
 *
 * @example
 * double(x: float32[2, 3]) -> (y: float32[2, 3])
 *   Add_0: float32[2, 3] = Add(x, x)
 */
export function printGraph(graph: Graph): string {
  const lines = [header(graph)];
  for (const [name, tensor] of graph.initializers)
    lines.push(`  ${name}: ${typeText(tensor)} = ${preview(tensor)}`);
  for (const node of graph.nodes) lines.push(`  ${nodeText(node, graph)}`);
  return lines.join('\n');
}

function header(graph: Graph): string {
  const list = (values: Graph['inputs']) => values.map((v) => `${v.name}: ${typeText(v)}`).join(', ');
  return `${graph.name}(${list(graph.inputs)}) -> (${list(graph.outputs)})`;
}

function nodeText(node: Node, graph: Graph): string {
  const outputs = node.outputs.map((name) => `${name}: ${typeText(graph.types.get(name))}`).join(', ');
  const attributes = Object.entries(node.attributes).map(
    ([name, value]) => `${name}=${attributeText(value)}`,
  );
  const operator = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
  return `${outputs} = ${operator}(${[...node.inputs.map((name) => name || '-'), ...attributes].join(', ')})`;
}

function typeText(type: TypeInfo | undefined): string {
  return type === undefined ? '?' : `${type.dtype}[${type.shape.join(', ')}]`;
}

function attributeText({ kind, value }: Attribute): string {
  if (kind === 'tensor') return typeText(value);
  if (kind === 'ints' || kind === 'floats') return `[${value.join(', ')}]`;
  return kind === 'string' ? `"${value}"` : String(value);
}

function preview(tensor: Tensor): string {
  const shown = Array.from(tensor.data.slice(0, 8), String).join(', ');
  return sizeOf(tensor.shape) > 8 ? `{${shown}, …}` : `{${shown}}`;
}
