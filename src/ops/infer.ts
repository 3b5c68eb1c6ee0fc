import { GraphError } from '../core/errors.js';
import { broadcastShapes, type Shape } from '../core/tensor.js';
import type { TypeInfo, Value } from '../onnx/graph.js';
import type { InferenceContext } from '../onnx/schema.js';
import type { NdArray } from './reference/ndarray.js';

/** The i-th input of an operator. @throws GraphError when it is omitted. */
export function required<T>(where: string, inputs: readonly (T | undefined)[], i: number): T {
  const value = inputs[i];
  if (value !== undefined) return value;
  throw new GraphError({ where, received: `no input ${i}`, expected: 'it to be given' });
}

/** A value with the type of another: the rule of unary element-wise operators. */
export function sameType(where: string): (inputs: readonly (Value | undefined)[]) => TypeInfo[] {
  return (inputs) => {
    const { dtype, shape } = required(where, inputs, 0);
    return [{ dtype, shape }];
  };
}

/** The rule of binary element-wise operators: equal types, shapes broadcast. */
export function broadcastType(where: string): (inputs: readonly (Value | undefined)[]) => TypeInfo[] {
  return (inputs) => {
    const [a, b] = [required(where, inputs, 0), required(where, inputs, 1)];
    if (a.dtype !== b.dtype)
      throw new GraphError({ where, received: `${a.dtype} and ${b.dtype}`, expected: 'one type' });
    return [{ dtype: a.dtype, shape: broadcastShapes(where, a.shape, b.shape) }];
  };
}

/** Checks a rank. @throws GraphError */
export function requireRank(where: string, what: string, shape: Shape, rank: number): void {
  if (shape.length === rank) return;
  throw new GraphError({
    where,
    received: `${what} of shape [${shape.join(', ')}]`,
    expected: `rank ${rank}`,
  });
}

/** The integers of a constant input, such as axes or a target shape. @throws GraphError when it is not constant. */
export function constantInts(where: string, value: Value, context: InferenceContext): number[] {
  const tensor = context.constantOf(value);
  if (tensor !== undefined) return Array.from(tensor.data as ArrayLike<number | bigint>, Number);
  throw new GraphError({ where, received: `"${value.name}" computed at run time`, expected: 'a constant' });
}

/** Plain integers of a reference-kernel input. */
export function intsOf(array: NdArray): number[] {
  return Array.from(array.data);
}
