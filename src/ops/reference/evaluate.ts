import { GraphError } from '../../core/errors.js';
import type { Graph, Node } from '../../onnx/graph.js';
import { plainAttributes } from '../../onnx/schema.js';
import { operatorOf } from '../registry.js';
import { fromTensor, type NdArray } from './ndarray.js';

/**
 * Computes a graph in float64 by the reference kernels: slow, exact enough to judge the rest.
 *
 * @param feeds one array per graph input
 * @returns every value of the graph by name
 */
export function evaluateGraph(graph: Graph, feeds: Readonly<Record<string, NdArray>>): Map<string, NdArray> {
  const values = new Map<string, NdArray>();
  for (const [name, tensor] of graph.initializers) values.set(name, fromTensor(tensor));
  for (const { name } of graph.inputs) values.set(name, feedOf(feeds, name));
  for (const node of graph.nodes) evaluateNode(node, values);
  return values;
}

function evaluateNode(node: Node, values: Map<string, NdArray>): void {
  const operator = operatorOf(node.opType, node.domain);
  const inputs = node.inputs.map((name) => (name === '' ? undefined : values.get(name)));
  const outputs = operator.reference(inputs, plainAttributes(operator, node.attributes) as never);
  node.outputs.forEach((name, i) => {
    const output = outputs[i];
    if (output !== undefined) values.set(name, output);
  });
}

function feedOf(feeds: Readonly<Record<string, NdArray>>, name: string): NdArray {
  const feed = feeds[name];
  if (feed !== undefined) return feed;
  throw new GraphError({
    where: 'evaluateGraph',
    received: `no input "${name}"`,
    expected: 'every graph input',
  });
}
