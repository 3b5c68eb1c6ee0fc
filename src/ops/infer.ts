import { GraphError } from '../core/errors.js';
import { broadcastShapes, type DType, type Shape } from '../core/tensor.js';
import type { TypeInfo, Value } from '../onnx/graph.js';
import type { InferenceContext } from '../onnx/schema.js';
import type { NdArray } from './reference/ndarray.js';

/** The i-th input of an operator. @throws GraphError when it is omitted. */
export function required<T>(where: string, inputs: readonly (T | undefined)[], i: number): T {
  const value = inputs[i];
  if (value !== undefined) return value;
  throw new GraphError({ where, received: `no input ${i}`, expected: 'it to be given' });
}

/** A type as messages show it, e.g. `float32[2, 3]`. */
export function typeText({ dtype, shape }: TypeInfo): string {
  return `${dtype}[${shape.join(', ')}]`;
}

/** Whether gradients can flow through an element type. */
export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float16';
}

/** Checks that a value holds floating-point numbers; returns it. @throws GraphError */
export function requireFloat<T extends TypeInfo>(where: string, value: T): T {
  if (isFloat(value.dtype)) return value;
  throw new GraphError({ where, received: typeText(value), expected: 'floating-point elements' });
}

/** Checks an element type; returns the value. @throws GraphError */
export function requireDtype<T extends TypeInfo>(where: string, value: T, dtype: DType): T {
  if (value.dtype === dtype) return value;
  throw new GraphError({ where, received: typeText(value), expected: `${dtype} elements` });
}

/** Checks that a value has one element and at most one axis; returns it. @throws GraphError */
export function requireScalar<T extends TypeInfo>(where: string, what: string, value: T): T {
  if (value.shape.length === 0 || (value.shape.length === 1 && value.shape[0] === 1)) return value;
  throw new GraphError({ where, received: `${what} ${typeText(value)}`, expected: 'a scalar' });
}

/** {@link sameType} restricted to floating-point elements. */
export function floatType(where: string): (inputs: readonly (Value | undefined)[]) => TypeInfo[] {
  return (inputs) => {
    const { dtype, shape } = requireFloat(where, required(where, inputs, 0));
    return [{ dtype, shape }];
  };
}

/** {@link broadcastType} restricted to floating-point elements. */
export function floatBroadcastType(where: string): (inputs: readonly (Value | undefined)[]) => TypeInfo[] {
  const broadcast = broadcastType(where);
  return (inputs) => {
    requireFloat(where, required(where, inputs, 0));
    return broadcast(inputs);
  };
}

/** The rule of comparisons: equal types, shapes broadcast, a bool for each element. */
export function comparisonType(where: string): (inputs: readonly (Value | undefined)[]) => TypeInfo[] {
  const broadcast = broadcastType(where);
  return (inputs) => broadcast(inputs).map(({ shape }) => ({ dtype: 'bool', shape }));
}

/** A value with the type of another: the rule of unary element-wise operators. */
export function sameType(where: string): (inputs: readonly (Value | undefined)[]) => TypeInfo[] {
  return (inputs) => {
    const { dtype, shape } = required(where, inputs, 0);
    return [{ dtype, shape }];
  };
}

/** Equal types of any kind, shapes broadcast. */
export function commonType(where: string): (inputs: readonly (Value | undefined)[]) => TypeInfo[] {
  return (inputs) => {
    const [a, b] = [required(where, inputs, 0), required(where, inputs, 1)];
    if (a.dtype !== b.dtype)
      throw new GraphError({ where, received: `${a.dtype} and ${b.dtype}`, expected: 'one type' });
    return [{ dtype: a.dtype, shape: broadcastShapes(where, a.shape, b.shape) }];
  };
}

/** The rule of binary element-wise operators: equal numeric types, shapes broadcast. */
export function broadcastType(where: string): (inputs: readonly (Value | undefined)[]) => TypeInfo[] {
  return (inputs) => {
    const types = commonType(where)(inputs);
    if (types.every((type) => type.dtype !== 'bool')) return types;
    throw new GraphError({ where, received: 'bool elements', expected: 'numbers' });
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
