import type { Shape } from '../../core/tensor.js';
import { toHalf } from '../program/half.js';
import type { FlatTable } from './flat.js';
import type { OperatorName, TENSOR_TYPES } from './schema.js';

/** Element type of a tensor. */
export type TensorType = keyof typeof TENSOR_TYPES;

/** `real = scale · (stored − zeroPoint)`, with one entry per tensor or one per index along `axis`. */
export interface Quantization {
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly axis?: number;
}

/** A tensor, with its content where it is constant. */
export interface TfliteTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly type: TensorType;
  readonly data?: Float32Array | Uint16Array | Int32Array | Int8Array | Uint8Array;
  readonly quantization?: Quantization;
}

/** An operator; tensors by index. */
export interface TfliteOperator {
  readonly name: OperatorName;
  /** Version of the operator's kernel that is needed. */
  readonly version: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: FlatTable;
}

/** A tensor under the name that a signature gives it. */
export interface SignatureEntry {
  readonly name: string;
  readonly tensor: number;
}

/** A TensorFlow Lite model before serialization: one subgraph, its operators in order. */
export interface TfliteProgram {
  readonly name: string;
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly SignatureEntry[];
  readonly outputs: readonly SignatureEntry[];
}

/** Options of {@link TfliteBuilder.operator}. */
export interface OperatorParts {
  readonly inputs: readonly number[];
  /** Name and shape of the only output. */
  readonly output: {
    readonly name: string;
    readonly shape: Shape;
    readonly type?: TensorType;
    readonly quantization?: Quantization;
  };
  readonly options?: FlatTable;
  readonly version?: number;
}

/** Collects tensors and operators. */
export class TfliteBuilder {
  readonly tensors: TfliteTensor[] = [];
  readonly operators: TfliteOperator[] = [];
  private readonly byName = new Map<string, number>();
  private readonly shared = new Map<string, number>();

  constructor(
    /** Element type in which weights are stored. */
    private readonly weightType: 'float32' | 'float16',
  ) {}

  /** Adds a tensor; a name that is taken gets a number. */
  tensor(tensor: TfliteTensor): number {
    let { name } = tensor;
    for (let i = 1; this.byName.has(name); i++) name = `${tensor.name}_${i}`;
    this.byName.set(name, this.tensors.length);
    return this.tensors.push({ ...tensor, name }) - 1;
  }

  /** Small constant integers, shared between all their uses. */
  integers(values: readonly number[], shape: Shape = [values.length]): number {
    return this.sharedConstant(`[${shape.join()}]${values.join()}`, () => ({
      name: `integers_${this.shared.size}`,
      shape,
      type: 'int32',
      data: Int32Array.from(values),
    }));
  }

  /** Whether what lies outside of a tensor's form is cut off. */
  get saturates(): boolean {
    return false;
  }

  /** A constant of one element, shared between all its uses. */
  number(value: number): number {
    return this.sharedConstant(String(value), () => ({
      name: `number_${this.shared.size}`,
      shape: [1],
      type: 'float32',
      data: Float32Array.of(value),
    }));
  }

  /** A constant that stays in float32. */
  constant(name: string, data: Float32Array, shape: Shape): number {
    return this.tensor({ name, shape, type: 'float32', data });
  }

  /**
   * A weight in the precision of weights; half precision is converted when the model is loaded.
   * @throws InputError when it does not fit into half precision
   */
  weight(name: string, data: Float32Array, shape: Shape): number {
    if (this.weightType === 'float32') return this.constant(name, data, shape);
    const half = toHalf(`export of "${name}"`, data);
    const stored = this.tensor({ name: `${name}/half`, shape, type: 'float16', data: half });
    return this.operator('DEQUANTIZE', { inputs: [stored], output: { name, shape }, version: 3 });
  }

  /** Adds an operator with one output; returns its tensor. */
  operator(name: OperatorName, { inputs, output, options = {}, version = 1 }: OperatorParts): number {
    const { type = 'float32', ...rest } = output;
    const result = this.tensor({ ...rest, type });
    this.operators.push({ name, version, inputs, outputs: [result], options });
    return result;
  }

  shapeOf(tensor: number): Shape {
    return this.tensors[tensor]?.shape ?? [];
  }

  protected sharedConstant(key: string, make: () => TfliteTensor): number {
    const known = this.shared.get(key);
    if (known !== undefined) return known;
    const made = this.tensor(make());
    this.shared.set(key, made);
    return made;
  }
}

/** Bytes of all constants. */
export function constantBytes({ tensors }: Pick<TfliteProgram, 'tensors'>): number {
  return tensors.reduce((sum, { data }) => sum + (data?.byteLength ?? 0), 0);
}
