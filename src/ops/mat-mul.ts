import { GraphError } from '../core/errors.js';
import { broadcastShapes, type Shape } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import type { Emitter } from './emitter.js';
import { required, requireFloat, typeText } from './infer.js';
import { defineOperator } from './operator.js';
import { matMulArrays } from './reference/mat-mul.js';

/**
 * Matrix product over the last two axes; the axes before them broadcast (ONNX `MatMul`).
 *
 * `[…, M, K] · […, K, N] → […, M, N]`; both operands have at least two axes.
 */
export const matMul = defineOperator({
  opType: 'MatMul',
  since: 13,
  inputs: [2, 2],
  attributes: {},
  infer: (inputs) => {
    const [a, b] = [required('MatMul', inputs, 0), required('MatMul', inputs, 1)];
    return [{ dtype: a.dtype, shape: productShape('MatMul', a, b) }];
  },
  // Y = A·B: dA = dY·Bᵀ, dB = Aᵀ·dY
  gradient: ({ o, inputs, grads: [dy], needs }) => {
    if (dy === undefined) return [];
    const [a, b] = [required('MatMul', inputs, 0), required('MatMul', inputs, 1)];
    return [
      needs[0] === true ? timesTransposed(o, dy, b) : undefined,
      needs[1] === true ? transposedTimes(o, a, b, dy) : undefined,
    ];
  },
  reference: (inputs) => [matMulArrays(required('MatMul', inputs, 0), required('MatMul', inputs, 1))],
});

/** The shape of a product, `a` and `b` transposed already where they are to be. @throws GraphError */
export function productShape(where: string, a: Omit<Value, 'name'>, b: Omit<Value, 'name'>): Shape {
  requireFloat(where, a);
  const rank = Math.min(a.shape.length, b.shape.length);
  if (a.dtype !== b.dtype || rank < 2 || a.shape.at(-1) !== b.shape.at(-2)) {
    const received = `${typeText(a)} and ${typeText(b)}`;
    throw new GraphError({ where, received, expected: '[…, M, K] and […, K, N] of one type' });
  }
  const batch = broadcastShapes(where, a.shape.slice(0, -2), b.shape.slice(0, -2));
  return [...batch, a.shape.at(-2) ?? 1, b.shape.at(-1) ?? 1];
}

function timesTransposed(o: Emitter, dy: Value, b: Value): Value {
  if (dy.shape.length === 2) return o.gemm(dy, b, { transB: true });
  return o.matMul(dy, o.swapLast(b));
}

function transposedTimes(o: Emitter, a: Value, b: Value, dy: Value): Value {
  // A matrix shared by the whole batch: one product over all rows instead of a sum of products.
  if (b.shape.length === 2) return o.gemm(asRows(o, a), asRows(o, dy), { transA: true });
  return o.matMul(o.swapLast(a), dy);
}

function asRows(o: Emitter, x: Value): Value {
  return x.shape.length === 2 ? x : o.reshape(x, [-1, x.shape.at(-1) ?? 1]);
}
