import { float32, type DType, type Shape, type Tensor } from '../../core/tensor.js';
import { GraphError } from '../../core/errors.js';
import { GraphBuilder } from '../../onnx/builder.js';
import type { Value } from '../../onnx/graph.js';
import type { PlainAttributes } from '../../onnx/schema.js';
import { Emitter } from '../../ops/emitter.js';
import { schemaOf } from '../../ops/registry.js';
import { toHalf } from '../program/half.js';
import type { Step } from '../program/program.js';

/** Element type of a graph's arithmetic. */
export type Precision = 'float32' | 'float16';

/** A value of a program in the graph under construction, by element type where it was converted. */
type Forms = Map<DType, Value>;

/** Turns steps into ONNX nodes; pictures are [N, C, H, W] here. */
export class OnnxWriter {
  readonly builder: GraphBuilder;
  readonly o: Emitter;
  private readonly values = new Map<string, Forms>();

  constructor(
    name: string,
    private readonly precision: Precision,
    /** Names that only outputs may have. */
    private readonly reserved: ReadonlySet<string>,
  ) {
    this.builder = new GraphBuilder(name, schemaOf);
    this.o = new Emitter(this.builder);
  }

  /** Element type of a step's arithmetic. */
  dtypeOf(step: Step): Precision {
    return step.exact === true ? 'float32' : this.precision;
  }

  /** What a step's value is called: a half-precision value leaves its name to the output converted from it. */
  nameOf(step: Step): string {
    const taken = this.dtypeOf(step) === 'float16' && this.reserved.has(step.output);
    return taken ? `${step.output}/half` : step.output;
  }

  /** The i-th input of a step in the element type of its arithmetic. */
  input(step: Step, i = 0): Value {
    return this.value(step.inputs[i] ?? '', this.dtypeOf(step));
  }

  /** A value of the program, converted where needed. */
  value(name: string, dtype: DType): Value {
    const forms = this.formsOf(name);
    const known = forms.get(dtype);
    if (known !== undefined) return known;
    const [first] = forms.values();
    if (first === undefined) throw undefinedValue(name);
    const converted = this.builder.within(name, () => this.o.cast(first, dtype));
    forms.set(dtype, converted);
    return converted;
  }

  /** The value as it was made. */
  original(name: string): Value {
    const [first] = this.formsOf(name).values();
    if (first === undefined) throw undefinedValue(name);
    return first;
  }

  define(name: string, value: Value): void {
    this.values.set(name, new Map([[value.dtype, value]]));
  }

  /** A weight of a step, `<step>/<what>`. @throws InputError when it does not fit into half precision */
  weight(step: Step, what: string, data: Float32Array, shape: Shape): Value {
    const name = `${step.name}/${what}`;
    return this.builder.initializer(name, this.tensor(step, name, data, shape));
  }

  /** A scalar in the element type of a step's arithmetic, shared. */
  scalar(step: Step, value: number): Value {
    return this.builder.constant(this.tensor(step, step.name, Float32Array.of(value), []));
  }

  /** Adds a node that makes one value; its name is the value's unless it gets one of its own. */
  node(
    opType: string,
    inputs: readonly (Value | undefined)[],
    output: string,
    attributes: PlainAttributes = {},
    name = output,
  ): Value {
    const [value] = this.builder.node(opType, inputs, attributes, { outputNames: [output], name });
    if (value === undefined)
      throw new GraphError({ where: opType, received: 'no output', expected: 'one output' });
    return value;
  }

  private tensor(step: Step, where: string, data: Float32Array, shape: Shape): Tensor {
    if (this.dtypeOf(step) === 'float32') return float32(data, shape);
    return { dtype: 'float16', shape, data: toHalf(`export of "${where}"`, data) };
  }

  private formsOf(name: string): Forms {
    const forms = this.values.get(name);
    if (forms !== undefined) return forms;
    throw undefinedValue(name);
  }
}

function undefinedValue(name: string): GraphError {
  return new GraphError({
    where: 'ONNX export',
    received: `the value "${name}"`,
    expected: 'topological order',
  });
}

/** Channels-last shape → the shape in an ONNX graph. */
export function onnxShape(shape: Shape): Shape {
  const [n = 1, h = 1, w = 1, c = 1] = shape;
  return shape.length === 4 ? [n, c, h, w] : shape;
}

/** Channels-last axis → the axis in an ONNX graph. */
export function onnxAxis(axis: number, rank: number): number {
  return rank === 4 ? ([0, 2, 3, 1][axis] ?? axis) : axis;
}
