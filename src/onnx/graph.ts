import type { DType, Shape, Tensor } from '../core/tensor.js';

/** An attribute of a node, tagged by its ONNX type (an int and a float are different on the wire). */
export type Attribute =
  | { readonly kind: 'int' | 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints' | 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'tensor'; readonly value: Tensor };

/** Element type and shape of a value. */
export interface TypeInfo {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** A named edge of a graph, with its inferred type. */
export interface Value extends TypeInfo {
  readonly name: string;
}

/** The domain of operators that exist only inside Mien; lowering replaces them by ONNX's own. */
export const MIEN_DOMAIN = 'mien';

/** One operator call. An empty input name is an omitted optional input. */
export interface Node {
  readonly opType: string;
  /** `''` for ONNX's standard operators. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A directed acyclic graph in static single assignment form; nodes stand in topological order. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** Type of every value by name, initializers and inputs included. */
  readonly types: ReadonlyMap<string, TypeInfo>;
  /** Key-value pairs for `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The integers of a constant of the graph, undefined where the name is none. */
export function constantIntegers(graph: Graph, name: string | undefined): number[] | undefined {
  const tensor = graph.initializers.get(name ?? '');
  return tensor === undefined ? undefined : Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

/** Nodes by the value they produce. */
export function producersOf(nodes: readonly Node[]): Map<string, Node> {
  const producers = new Map<string, Node>();
  for (const node of nodes) for (const output of node.outputs) if (output !== '') producers.set(output, node);
  return producers;
}

/** Nodes by the value they read, in order. */
export function consumersOf(nodes: readonly Node[]): Map<string, Node[]> {
  const consumers = new Map<string, Node[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const list = consumers.get(input);
      if (list === undefined) consumers.set(input, [node]);
      else list.push(node);
    }
  }
  return consumers;
}
