import { GraphError } from '../core/errors.js';
import { sameShape, type Shape } from '../core/tensor.js';
import { GraphBuilder } from '../onnx/builder.js';
import type { Graph, Node, Value } from '../onnx/graph.js';
import { plainAttributes, type PlainAttributes } from '../onnx/schema.js';
import type { Emitter } from '../ops/emitter.js';
import { operatorOf } from '../ops/registry.js';
import { Blocked, rowLength, type MapSize, type Pending } from './blocked.js';
import { CollapsingEmitter } from './collapsing-emitter.js';
import { lanesFor, type KernelSet } from './kernels.js';
import { loweredSchemaOf } from './nchwc-schema.js';
import { Rows } from './rows.js';

/** A value of the source graph in the lowered one: as it was, or in blocked layout. */
export type Lowered = Value | Blocked;

/** One node of the source graph, resolved for a lowering rule. */
export interface SourceNode {
  readonly node: Node;
  readonly attributes: PlainAttributes;
  /** Type of an input in the source graph (logical NCHW). */
  inputShape(i: number): Shape;
  outputShape(i: number): Shape;
}

/** State of one run of {@link lowerGraph}: the graph under construction and where every value went. */
export class Lowering {
  readonly builder: GraphBuilder;
  readonly o: Emitter;
  readonly rows: Rows;
  /** Values that rules leave for the matching backward node, by source name. */
  readonly saved = new Map<string, Value>();
  private readonly values = new Map<string, Lowered>();
  private readonly plainForms = new Map<string, Value>();
  private readonly laneForms = new Map<string, Blocked>();
  private readonly constants = new Set<string>();

  /** @param sink may compute a plain value in blocked layout from the start */
  constructor(
    readonly source: Graph,
    readonly kernels: KernelSet,
    private readonly sink?: (lowering: Lowering, name: string, lanes: number) => Blocked | undefined,
  ) {
    this.builder = new GraphBuilder(source.name, loweredSchemaOf);
    this.o = new CollapsingEmitter(this.builder);
    this.rows = new Rows(this.o, kernels);
    for (const { name, dtype, shape } of source.inputs)
      this.values.set(name, this.builder.input(name, dtype, shape));
    for (const [name, tensor] of source.initializers) {
      this.values.set(name, this.builder.initializer(name, tensor));
      this.constants.add(name);
    }
  }

  /** Whether a source value is a constant of the graph. */
  isConstant(name: string): boolean {
    return this.constants.has(name);
  }

  isBlocked(name: string): boolean {
    return this.values.get(name) instanceof Blocked;
  }

  define(name: string, value: Lowered): void {
    this.values.set(name, value);
  }

  resolve(node: Node): SourceNode {
    const shapeOf = (name: string | undefined) => this.source.types.get(name ?? '')?.shape ?? [];
    return {
      node,
      attributes: plainAttributes(operatorOf(node.opType, node.domain), node.attributes),
      inputShape: (i) => shapeOf(node.inputs[i]),
      outputShape: (i) => shapeOf(node.outputs[i]),
    };
  }

  /** A value in the layout that ONNX prescribes. */
  plain(name: string): Value {
    const value = this.lowered(name);
    if (!(value instanceof Blocked)) return value;
    const known = this.plainForms.get(name);
    if (known !== undefined) return known;
    const form = this.toPlain(value);
    this.plainForms.set(name, form);
    return form;
  }

  /** A feature map in blocked layout, with given lanes or those it has. */
  blocked(name: string, lanes?: number): Blocked {
    const value = this.lowered(name);
    const shape = this.source.types.get(name)?.shape ?? value.shape;
    const [n = 1, , h = 1, w = 1] = shape;
    const wanted = lanes ?? (value instanceof Blocked ? value.size.lanes : lanesFor(this.kernels, n, h, w));
    if (value instanceof Blocked && (value.size.lanes === wanted || h * w === 1)) return value;
    const key = `${name}@${wanted}`;
    const known = this.laneForms.get(key);
    if (known !== undefined) return known;
    const form =
      value instanceof Blocked
        ? this.withLanes(value, wanted)
        : (this.sink?.(this, name, wanted) ?? this.toBlocked(value, wanted));
    this.laneForms.set(key, form);
    return form;
  }

  /** The content of a blocked map, computed now if it was pending. `[C, M]` */
  content(map: Blocked): Value {
    if (map.rows !== undefined) return map.rows;
    const { pending } = map;
    if (pending === undefined)
      throw new GraphError({ where: 'lowering', received: 'an empty map', expected: 'content' });
    return map.settle(this.compute(map.size, pending));
  }

  private compute(size: MapSize, pending: Pending): Value {
    switch (pending.kind) {
      case 'affine':
        return this.rows.affine(size, pending.affine);
      case 'plane':
        return this.rows.planeAffine(size, pending.plane);
      case 'product': {
        const [a, b] = pending.factors;
        return this.o.mul(this.content(a), this.content(b));
      }
    }
  }

  private lowered(name: string): Lowered {
    const value = this.values.get(name);
    if (value !== undefined) return value;
    throw new GraphError({
      where: 'lowering',
      received: `undefined value "${name}"`,
      expected: 'topological order',
    });
  }

  /** `[C, N/B, H, W, B]` → `[N, C, H, W]`. */
  private toPlain(map: Blocked): Value {
    const { n, c, h, w, lanes } = map.size;
    const groups = this.swapOuter(this.content(map), c, n / lanes);
    const split = this.o.reshape(groups, [n / lanes, c * h * w, lanes]);
    return this.o.reshape(this.rows.exchange(split), [n, c, h, w]);
  }

  /** `[N, C, H, W]` → `[C, N/B, H, W, B]`. */
  private toBlocked(x: Value, lanes: number): Blocked {
    const [n = 1, c = 1, h = 1, w = 1] = x.shape;
    const size = { n, c, h, w, lanes };
    const split = this.o.reshape(x, [n / lanes, lanes, c * h * w]);
    const groups = this.swapOuter(this.rows.exchange(split), n / lanes, c);
    return new Blocked(size, this.o.reshape(groups, [c, rowLength(size)]));
  }

  /** `[a, b, …]` → `[b, a, …]`: long runs of memory move as they are. */
  private swapOuter(x: Value, a: number, b: number): Value {
    const { o } = this;
    const split = o.reshape(x, [a, b, -1]);
    return a === 1 || b === 1 ? o.reshape(split, [b, a, -1]) : o.transpose(split, [1, 0, 2]);
  }

  /** The same map with other lanes. */
  private withLanes(map: Blocked, lanes: number): Blocked {
    const { o, rows } = this;
    const { n, c, h, w } = map.size;
    const single = rows.exchange(
      o.reshape(this.content(map), [(c * n) / map.size.lanes, h * w, map.size.lanes]),
    );
    const laned = rows.exchange(o.reshape(single, [(c * n) / lanes, lanes, h * w]));
    return new Blocked({ ...map.size, lanes }, o.reshape(laned, [c, n * h * w]));
  }
}

/** Whether two logical maps have the same axes. */
export function sameMap(a: Blocked, b: Blocked): boolean {
  return sameShape(a.shape, b.shape);
}
