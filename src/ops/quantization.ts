import { GraphError } from '../core/errors.js';
import type { DType, Shape } from '../core/tensor.js';
import { required, typeText } from './infer.js';
import type { NdArray } from './reference/ndarray.js';
import type { Value } from '../onnx/graph.js';

/** Smallest and largest number of the integer types that ONNX quantizes to. */
export const INTEGER_RANGES: Readonly<Partial<Record<DType, readonly [number, number]>>> = {
  int8: [-128, 127],
  uint8: [0, 255],
};

/** Checks that scale and zero point are scalars or vectors along `axis`. @throws GraphError */
export function checkParameters(where: string, inputs: readonly (Value | undefined)[], axis: number): void {
  const { shape } = required(where, inputs, 0);
  const size = shape[axis < 0 ? axis + shape.length : axis];
  for (const parameter of inputs.slice(1)) {
    if (parameter === undefined || parameter.shape.length === 0) continue;
    if (parameter.shape.length === 1 && (parameter.shape[0] === size || parameter.shape[0] === 1)) continue;
    const expected = `a scalar or ${size ?? 'no'} numbers`;
    throw new GraphError({ where, received: typeText(parameter), expected });
  }
}

/** Index of the parameter of each element: 0 where there is one for all. */
export function parameterIndex(shape: Shape, axis: number, count: number): (flat: number) => number {
  if (count === 1) return () => 0;
  const place = axis < 0 ? axis + shape.length : axis;
  const inner = shape.slice(place + 1).reduce((product, size) => product * size, 1);
  return (flat) => Math.floor(flat / inner) % (shape[place] ?? 1);
}

/** The parameter of each element of an array. */
export function parameterOf(
  array: NdArray | undefined,
  x: NdArray,
  axis: number,
  fallback: number,
): (flat: number) => number {
  if (array === undefined) return () => fallback;
  const index = parameterIndex(x.shape, axis, array.data.length);
  return (flat) => array.data[index(flat)] ?? fallback;
}
