import { GraphError } from './errors.js';

/** Element types that Mien's graphs use, by ONNX's names. */
export type DType = 'float32' | 'float16' | 'int64' | 'int32' | 'uint8' | 'int8' | 'bool';

/** Sizes of the axes, outermost first. All of them are known: Mien compiles one graph per batch size. */
export type Shape = readonly number[];

/** The typed array that holds each {@link DType}; float16 travels as its 16-bit pattern. */
export interface DataOf {
  float32: Float32Array;
  float16: Uint16Array;
  int64: BigInt64Array;
  int32: Int32Array;
  uint8: Uint8Array;
  int8: Int8Array;
  bool: Uint8Array;
}

/** A dense row-major array that crosses a runtime boundary. */
export interface Tensor<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: Shape;
  readonly data: DataOf[D];
}

/** Number of elements of a shape (1 for a scalar). */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  }
  return strides;
}

/** A float32 tensor over `data` (copied unless it already is a Float32Array). */
export function float32(data: Float32Array | readonly number[], shape: Shape): Tensor<'float32'> {
  const array = data instanceof Float32Array ? data : Float32Array.from(data);
  checkSize('float32', array.length, shape);
  return { dtype: 'float32', shape, data: array };
}

/** An int64 tensor, ONNX's type for shapes and indices. */
export function int64(data: readonly number[], shape: Shape = [data.length]): Tensor<'int64'> {
  checkSize('int64', data.length, shape);
  return { dtype: 'int64', shape, data: BigInt64Array.from(data, BigInt) };
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/**
 * The common shape of two operands by ONNX/NumPy broadcasting.
 * @throws GraphError when an axis has two different sizes and neither is 1.
 */
export function broadcastShapes(where: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const x = a[axis - rank + a.length] ?? 1;
    const y = b[axis - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw mismatch(where, a, b);
    return x === 1 ? y : x;
  });
}

/** Resolves a possibly negative axis. @throws GraphError outside `-rank..rank-1`. */
export function normalizeAxis(where: string, axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(axis) && resolved >= 0 && resolved < rank) return resolved;
  throw new GraphError({ where, received: `axis ${axis}`, expected: `an axis of a rank-${rank} value` });
}

function mismatch(where: string, a: Shape, b: Shape): GraphError {
  const received = `shapes [${a.join(', ')}] and [${b.join(', ')}]`;
  return new GraphError({ where, received, expected: 'shapes that broadcast' });
}

function checkSize(where: string, length: number, shape: Shape): void {
  if (length === sizeOf(shape)) return;
  const expected = `${sizeOf(shape)} for shape [${shape.join(', ')}]`;
  throw new GraphError({ where, received: `${length} elements`, expected });
}
