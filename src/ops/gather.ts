import { GraphError } from '../core/errors.js';
import { int64, normalizeAxis, sizeOf, type Shape } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import type { Emitter } from './emitter.js';
import { required, typeText } from './infer.js';
import { defineOperator } from './operator.js';
import { ndarray, reshaped } from './reference/ndarray.js';

const FORWARD = 'Gather';
const BACKWARD = 'GatherGrad';

/**
 * Picks entries along an axis (ONNX `Gather`).
 *
 * Inputs: data, indices (int32 or int64; negative ones count from the end). Output: the data's shape with the
 * axis replaced by the indices' shape.
 */
export const gather = defineOperator({
  opType: FORWARD,
  since: 13,
  inputs: [2, 2],
  attributes: { axis: { kind: 'int', default: 0 } },
  infer: (inputs, attributes) => {
    const [{ dtype, shape }, indices] = [required(FORWARD, inputs, 0), required(FORWARD, inputs, 1)];
    requireIndices(FORWARD, indices);
    const axis = normalizeAxis(FORWARD, attributes.axis, shape.length);
    return [{ dtype, shape: [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)] }];
  },
  gradient: ({ o, inputs, grads: [dy], attributes }) => {
    if (dy === undefined) return [];
    const [data, indices] = [required(FORWARD, inputs, 0), required(FORWARD, inputs, 1)];
    const axis = normalizeAxis(FORWARD, attributes.axis, data.shape.length);
    return [o.own(BACKWARD, [indices, dy], { axis, size: data.shape[axis] ?? 1 })];
  },
  reference: (inputs, attributes) => {
    const [data, indices] = [required(FORWARD, inputs, 0), required(FORWARD, inputs, 1)];
    const axis = normalizeAxis(FORWARD, attributes.axis, data.shape.length);
    const [before, after] = [data.shape.slice(0, axis), data.shape.slice(axis + 1)];
    const [size, q, k] = [data.shape[axis] ?? 1, sizeOf(after), indices.data.length];
    const out = ndarray([sizeOf(before), k, q], (flat) => {
      const [p, j] = [Math.floor(flat / (k * q)), Math.floor(flat / q) % k];
      return data.data[(p * size + wrap(indices.data[j] ?? 0, size)) * q + (flat % q)] ?? NaN;
    });
    return [reshaped(out, [...before, ...indices.shape, ...after])];
  },
});

/**
 * Gradient of {@link gather} with respect to the data: entries picked several times get the sum.
 *
 * Inputs: indices, dy; output: dy's shape with the indices' axes replaced by one axis of `size`.
 */
export const gatherGrad = defineOperator({
  opType: BACKWARD,
  domain: 'mien',
  since: 1,
  inputs: [2, 2],
  attributes: { axis: { kind: 'int', required: true }, size: { kind: 'int', required: true } },
  infer: (inputs, { axis, size }) => {
    const [indices, dy] = [required(BACKWARD, inputs, 0), required(BACKWARD, inputs, 1)];
    requireIndices(BACKWARD, indices);
    return [{ dtype: dy.dtype, shape: dataShape(dy.shape, indices.shape, axis, size) }];
  },
  gradient: { notDifferentiable: 'second derivatives are not needed' },
  reference: (inputs, { axis, size }) => {
    const [indices, dy] = [required(BACKWARD, inputs, 0), required(BACKWARD, inputs, 1)];
    const dx = ndarray(dataShape(dy.shape, indices.shape, axis, size));
    const [k, q] = [indices.data.length, sizeOf(dy.shape.slice(axis + indices.shape.length))];
    dy.data.forEach((value, flat) => {
      const [p, j] = [Math.floor(flat / (k * q)), Math.floor(flat / q) % k];
      const target = (p * size + wrap(indices.data[j] ?? 0, size)) * q + (flat % q);
      dx.data[target] = (dx.data[target] ?? 0) + value;
    });
    return [dx];
  },
  // One-hot rows turn the scattered sum into a matrix product, which every runtime has: [size, K]·[P, K, Q].
  decompose: ({ o, inputs, attributes: { axis, size } }) => {
    const [indices, dy] = [required(BACKWARD, inputs, 0), required(BACKWARD, inputs, 1)];
    const after = dy.shape.slice(axis + indices.shape.length);
    const rows = o.reshape(dy, [sizeOf(dy.shape.slice(0, axis)), sizeOf(indices.shape), sizeOf(after)]);
    const product = o.matMul(o.cast(oneHot(o, indices, size), dy.dtype), rows);
    return [o.reshape(product, dataShape(dy.shape, indices.shape, axis, size))];
  },
});

/** bool `[size, K]`, true where index k is the row. */
function oneHot(o: Emitter, indices: Value, size: number): Value {
  const flat = o.reshape(o.cast(indices, 'int64'), [1, sizeOf(indices.shape)]);
  const negative = o.op('Less', [flat, o.builder.ints([0])]);
  const wrapped = o.op('Where', [negative, o.add(flat, o.builder.ints([size])), flat]);
  const rows = int64(
    Array.from({ length: size }, (_, i) => i),
    [size, 1],
  );
  return o.op('Equal', [wrapped, o.builder.constant(rows)]);
}

function dataShape(dy: Shape, indices: Shape, axis: number, size: number): Shape {
  return [...dy.slice(0, axis), size, ...dy.slice(axis + indices.length)];
}

function wrap(index: number, size: number): number {
  return index < 0 ? index + size : index;
}

function requireIndices(where: string, indices: Value): void {
  if (indices.dtype === 'int64' || indices.dtype === 'int32') return;
  throw new GraphError({ where, received: `indices ${typeText(indices)}`, expected: 'int32 or int64' });
}
