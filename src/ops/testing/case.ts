import { createRandom } from '../../core/random.js';
import { sizeOf, type DType, type Shape, type Tensor } from '../../core/tensor.js';
import type { PlainAttributes } from '../../onnx/schema.js';

/** One input of a case: its values, and whether the graph holds them as a constant. */
export interface CaseInput {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: readonly number[];
  readonly constant?: boolean;
}

/** One call of one operator, from which every proof is made. */
export interface OperatorCase {
  readonly name: string;
  readonly operator: string;
  readonly domain?: string;
  readonly attributes?: PlainAttributes;
  readonly inputs: readonly (CaseInput | undefined)[];
  /** Indices of the inputs whose gradients are checked; none: the forward pass only. */
  readonly wrt?: readonly number[];
  /** Indices of the outputs through which gradients flow; default: all. */
  readonly through?: readonly number[];
}

/** A case of an operator; `wrt` is every input that is not a constant unless given. */
export function operatorCase(
  operator: string,
  name: string,
  inputs: readonly (CaseInput | undefined)[],
  attributes: PlainAttributes = {},
  rest: Pick<OperatorCase, 'wrt' | 'through' | 'domain'> = {},
): OperatorCase {
  const wrt = inputs.flatMap((input, i) => (input === undefined || input.constant === true ? [] : [i]));
  return { name: `${operator}: ${name}`, operator, inputs, attributes, wrt, ...rest };
}

/** A forward-only case, for operators that are not differentiable. */
export function forwardCase(
  operator: string,
  name: string,
  inputs: readonly (CaseInput | undefined)[],
  attributes: PlainAttributes = {},
  domain = '',
): OperatorCase {
  return operatorCase(operator, name, inputs, attributes, { wrt: [], domain });
}

/** Normal draws, a function of shape and seed. */
export function normal(shape: Shape, seed = 1): CaseInput {
  const random = createRandom(seed).fork('case', ...shape);
  return floats(shape, () => random.normal());
}

/** Draws between 0.5 and 2. */
export function positive(shape: Shape, seed = 1): CaseInput {
  const random = createRandom(seed).fork('positive', ...shape);
  return floats(shape, () => random.between(0.5, 2));
}

/** Distinct values at least 0.05 apart and at least 0.025 from 0, shuffled: no ties and no kinks nearby. */
export function apart(shape: Shape, seed = 1): CaseInput {
  const size = sizeOf(shape);
  const values = Array.from({ length: size }, (_, i) => 0.05 * (i - Math.floor(size / 2)) + 0.025);
  createRandom(seed).fork('apart').shuffle(values);
  return floats(shape, (i) => values[i] ?? 0);
}

/** Given float32 values; default shape: a vector. */
export function values(data: readonly number[], shape: Shape = [data.length]): CaseInput {
  return floats(shape, (i) => data[i] ?? 0);
}

/** A constant int64 vector. */
export function ints(...data: readonly number[]): CaseInput {
  return { dtype: 'int64', shape: [data.length], data, constant: true };
}

/** A constant float32 scalar. */
export function scalar(value: number): CaseInput {
  return { ...values([value], []), constant: true };
}

/** The tensor of a case input. */
export function tensorOf({ dtype, shape, data }: CaseInput): Tensor {
  switch (dtype) {
    case 'int64':
      return { dtype, shape, data: BigInt64Array.from(data, BigInt) };
    case 'int32':
      return { dtype, shape, data: Int32Array.from(data) };
    case 'bool':
    case 'uint8':
      return { dtype, shape, data: Uint8Array.from(data) };
    case 'int8':
      return { dtype, shape, data: Int8Array.from(data) };
    case 'float16':
      return { dtype, shape, data: Uint16Array.from(data) };
    case 'float32':
      return { dtype, shape, data: Float32Array.from(data) };
  }
}

/** Rounded to float32, so that every engine starts from the same numbers. */
function floats(shape: Shape, fill: (index: number) => number): CaseInput {
  const data = Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(fill(i)));
  return { dtype: 'float32', shape, data };
}
