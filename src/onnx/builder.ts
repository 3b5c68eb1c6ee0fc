import { GraphError } from '../core/errors.js';
import { float32, int64, type DType, type Shape, type Tensor } from '../core/tensor.js';
import type { Graph, Node, TypeInfo, Value } from './graph.js';
import { plainAttributes, tagAttributes, type PlainAttributes, type SchemaLookup } from './schema.js';

/** Options of {@link GraphBuilder.node}. */
export interface NodeOptions {
  /** Operator domain; `''` is ONNX's own. */
  readonly domain?: string;
  /** Names of outputs; generated where absent. */
  readonly outputNames?: readonly string[];
  /** The node's own name; that of its first output where absent. */
  readonly name?: string;
}

/**
 * Builds a graph node by node; every value's type is inferred when its node is added, so a wrong shape
 * is reported where it is written.
 *
 * @example
 * const b = new GraphBuilder('double', schemaOf);
 * const x = b.input('x', 'float32', [2, 3]);
 * const [y] = b.node('Add', [x, x]);
 * b.output('y', y);
 * const graph = b.build();
 */
export class GraphBuilder {
  private readonly nodes: Node[] = [];
  private readonly inputs: Value[] = [];
  private readonly outputs: Value[] = [];
  private readonly initializers = new Map<string, Tensor>();
  private readonly types = new Map<string, TypeInfo>();
  private readonly shared = new Map<string, Value>();
  private counter = 0;
  private scope = '';

  constructor(
    readonly name: string,
    readonly schemaOf: SchemaLookup,
  ) {}

  /** A builder that goes on where a finished graph ended; the graph's outputs are not kept as outputs. */
  static resume(graph: Graph, schemaOf: SchemaLookup): GraphBuilder {
    const builder = new GraphBuilder(graph.name, schemaOf);
    for (const node of graph.nodes) builder.nodes.push(node);
    builder.inputs.push(...graph.inputs);
    for (const [name, tensor] of graph.initializers) builder.initializers.set(name, tensor);
    for (const [name, type] of graph.types) builder.types.set(name, type);
    builder.counter = graph.types.size;
    return builder;
  }

  /** Prefixes the names of nodes and values added inside `body`, for readable graphs. */
  within<T>(scope: string, body: () => T): T {
    const outer = this.scope;
    this.scope = outer === '' ? scope : `${outer}/${scope}`;
    try {
      return body();
    } finally {
      this.scope = outer;
    }
  }

  /** Declares a graph input. */
  input(name: string, dtype: DType, shape: Shape): Value {
    const value = this.register(name, { dtype, shape });
    this.inputs.push(value);
    return value;
  }

  /** Adds an initializer under a name of its own. */
  initializer(name: string, tensor: Tensor): Value {
    const value = this.register(name, tensor);
    this.initializers.set(name, tensor);
    return value;
  }

  /** A small constant, shared between all its uses. */
  constant(tensor: Tensor): Value {
    const key = `${tensor.dtype}[${tensor.shape.join()}]${tensor.data.join()}`;
    const known = this.shared.get(key);
    if (known !== undefined) return known;
    const value = this.initializer(this.fresh('const'), tensor);
    this.shared.set(key, value);
    return value;
  }

  /** A float32 scalar constant of shape []. */
  scalar(value: number): Value {
    return this.constant(float32([value], []));
  }

  /** A one-dimensional int64 constant: a shape, axes, indices. */
  ints(values: readonly number[]): Value {
    return this.constant(int64(values));
  }

  /** The content of a constant value, if it is one. */
  constantOf(value: Value): Tensor | undefined {
    return this.initializers.get(value.name);
  }

  /** Adds a node and returns all its outputs. @throws GraphError when the operator refuses its inputs. */
  node(
    opType: string,
    inputs: readonly (Value | undefined)[],
    attributes: PlainAttributes = {},
    options: NodeOptions = {},
  ): Value[] {
    const schema = this.schemaOf(opType, options.domain ?? '');
    checkArity(opType, inputs, schema.inputs);
    const tagged = tagAttributes(schema, attributes);
    const types = schema.infer(inputs, plainAttributes(schema, tagged), this);
    const outputs = types.map((type, i) =>
      this.register(options.outputNames?.[i] ?? this.fresh(opType), type),
    );
    this.nodes.push({
      opType,
      domain: schema.domain,
      name: options.name ?? outputs[0]?.name ?? this.fresh(opType),
      inputs: trimmed(inputs),
      outputs: outputs.map((value) => value.name),
      attributes: tagged,
    });
    return outputs;
  }

  /** Declares `value` as a graph output called `name`. */
  output(name: string, value: Value): void {
    const [renamed] = this.node('Identity', [value], {}, { outputNames: [name] });
    this.outputs.push(renamed ?? value);
  }

  /** Declares an existing value a graph output under its own name. */
  expose(value: Value): void {
    this.outputs.push(value);
  }

  /** The value of a name. @throws GraphError when there is none. */
  value(name: string): Value {
    const type = this.types.get(name);
    if (type !== undefined) return { name, dtype: type.dtype, shape: type.shape };
    throw new GraphError({
      where: `graph "${this.name}"`,
      received: `value "${name}"`,
      expected: 'a defined value',
    });
  }

  /** A snapshot of the nodes added so far. */
  get nodesSoFar(): readonly Node[] {
    return this.nodes;
  }

  /** The finished graph. */
  build(metadata?: Readonly<Record<string, string>>): Graph {
    return {
      name: this.name,
      nodes: [...this.nodes],
      inputs: [...this.inputs],
      outputs: [...this.outputs],
      initializers: new Map(this.initializers),
      types: new Map(this.types),
      ...(metadata === undefined ? {} : { metadata }),
    };
  }

  private register(name: string, type: TypeInfo): Value {
    if (this.types.has(name)) {
      throw new GraphError({
        where: `graph "${this.name}"`,
        received: `a second value "${name}"`,
        expected: 'unique names',
      });
    }
    const value = { name, dtype: type.dtype, shape: type.shape };
    this.types.set(name, { dtype: type.dtype, shape: type.shape });
    return value;
  }

  private fresh(stem: string): string {
    const prefix = this.scope === '' ? '' : `${this.scope}/`;
    let name = `${prefix}${stem}_${this.counter++}`;
    while (this.types.has(name)) name = `${prefix}${stem}_${this.counter++}`;
    return name;
  }
}

function trimmed(inputs: readonly (Value | undefined)[]): string[] {
  const names = inputs.map((value) => value?.name ?? '');
  while (names.at(-1) === '') names.pop();
  return names;
}

function checkArity(
  opType: string,
  inputs: readonly unknown[],
  [fewest, most]: readonly [number, number],
): void {
  if (inputs.length >= fewest && inputs.length <= most) return;
  const expected = fewest === most ? `${fewest}` : `${fewest} to ${most}`;
  throw new GraphError({ where: opType, received: `${inputs.length} inputs`, expected });
}
