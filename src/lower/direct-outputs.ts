import { producersOf, type Graph, type Node } from '../onnx/graph.js';
import { withoutDeadNodes } from './dead-nodes.js';

/**
 * Lets nodes write graph outputs themselves where a copy (Identity) did: at the end of a training step that
 * saves a pass over every state vector.
 */
export function withDirectOutputs(graph: Graph): Graph {
  const names = renamings(graph);
  const renamed = (name: string) => names.get(name) ?? name;
  const given = new Set(names.values());
  const nodes = graph.nodes.flatMap((node): Node[] => {
    if (node.opType === 'Identity' && given.has(node.outputs[0] ?? '')) return [];
    return [{ ...node, inputs: node.inputs.map(renamed), outputs: node.outputs.map(renamed) }];
  });
  const types = new Map([...graph.types].filter(([name]) => !names.has(name)));
  return withoutDeadNodes({ ...graph, nodes, types });
}

/** Values that can be called by an output's name: made by a node, copied by Identity; one name for each. */
function renamings(graph: Graph): Map<string, string> {
  const producers = producersOf(graph.nodes);
  const names = new Map<string, string>();
  const outputs = new Set(graph.outputs.map((output) => output.name));
  for (const output of outputs) {
    const source = originalOf(output, producers);
    if (producers.has(source) && !outputs.has(source) && !names.has(source)) names.set(source, output);
  }
  return names;
}

/** What a value is a copy of: itself, unless Identity made it. */
function originalOf(name: string, producers: ReadonlyMap<string, Node>): string {
  const producer = producers.get(name);
  return producer?.opType === 'Identity' ? originalOf(producer.inputs[0] ?? '', producers) : name;
}
