import { GraphError } from '../core/errors.js';
import { normalizeAxis, type Shape } from '../core/tensor.js';
import type { TypeInfo, Value } from '../onnx/graph.js';
import type { InferenceContext } from '../onnx/schema.js';
import type { Emitter } from './emitter.js';
import { constantInts, intsOf, required, requireFloat } from './infer.js';
import { reshaped, type NdArray } from './reference/ndarray.js';

/** Attributes that all reductions share. */
export const REDUCTION_ATTRIBUTES = {
  keepdims: { kind: 'int', default: 1 },
  noop_with_empty_axes: { kind: 'int', default: 0 },
} as const;

interface ReductionAttributes {
  readonly keepdims: number;
  readonly noop_with_empty_axes: number;
}

/** The shape rule of reductions: inputs are the data and, optionally, constant axes (default: all of them). */
export function reductionType(where: string) {
  return (
    inputs: readonly (Value | undefined)[],
    attributes: ReductionAttributes,
    context: InferenceContext,
  ): TypeInfo[] => {
    if (attributes.noop_with_empty_axes !== 0)
      throw new GraphError({ where, received: 'noop_with_empty_axes', expected: 'it to be 0' });
    const { dtype, shape } = requireFloat(where, required(where, inputs, 0));
    const axes = reductionAxes(where, inputs, context);
    return [{ dtype, shape: attributes.keepdims !== 0 ? keptShape(shape, axes) : droppedShape(shape, axes) }];
  };
}

/** The axes that a reduction node sums over, none negative. */
export function reductionAxes(
  where: string,
  inputs: readonly (Value | undefined)[],
  context: InferenceContext,
): number[] {
  const { shape } = required(where, inputs, 0);
  return resolveAxes(where, inputs[1] && constantInts(where, inputs[1], context), shape.length);
}

/** `x`, the output of a reduction, with its reduced axes back at size 1. */
export function restoreAxes(o: Emitter, x: Value, input: Value, axes: readonly number[]): Value {
  return x.shape.length === input.shape.length ? x : o.reshape(x, keptShape(input.shape, axes));
}

/** Lifts a kernel that keeps reduced axes at size 1 to ONNX's reduction. */
export function reductionReference(where: string, kernel: (x: NdArray, axes: readonly number[]) => NdArray) {
  return (inputs: readonly (NdArray | undefined)[], { keepdims }: ReductionAttributes): NdArray[] => {
    const x = required(where, inputs, 0);
    const axes = resolveAxes(where, inputs[1] && intsOf(inputs[1]), x.shape.length);
    const kept = kernel(x, axes);
    return [keepdims !== 0 ? kept : reshaped(kept, droppedShape(x.shape, axes))];
  };
}

/** A shape with the sizes of `axes` set to 1. */
export function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
}

/** Number of elements along `axes`. */
export function countOver(shape: Shape, axes: readonly number[]): number {
  return axes.reduce((count, axis) => count * (shape[axis] ?? 1), 1);
}

function droppedShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.filter((_, axis) => !axes.includes(axis));
}

function resolveAxes(where: string, axes: readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined || axes.length === 0) return Array.from({ length: rank }, (_, axis) => axis);
  return axes.map((axis) => normalizeAxis(where, axis, rank));
}
