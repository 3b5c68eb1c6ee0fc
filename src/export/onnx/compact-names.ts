import type { Graph } from '../../onnx/graph.js';

/**
 * Gives values inside a graph short names; inputs, outputs and nodes keep theirs. In a graph of many small constants the
 * names are a part of the file's size that matters.
 */
export function withCompactNames(graph: Graph): Graph {
  const fixed = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
  const names = new Map<string, string>();
  const renamed = (name: string): string => {
    if (name === '' || fixed.has(name)) return name;
    const known = names.get(name);
    if (known !== undefined) return known;
    let made = names.size.toString(36);
    while (fixed.has(made)) made = `${made}_`;
    names.set(name, made);
    return made;
  };
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(renamed),
    outputs: node.outputs.map(renamed),
  }));
  return {
    ...graph,
    nodes,
    initializers: new Map([...graph.initializers].map(([name, tensor]) => [renamed(name), tensor])),
    types: new Map([...graph.types].map(([name, type]) => [renamed(name), type])),
  };
}
