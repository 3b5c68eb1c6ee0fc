import { GraphError } from '../core/errors.js';
import { broadcastShapes, sameShape, type Shape } from '../core/tensor.js';
import type { TypeInfo, Value } from '../onnx/graph.js';
import type { Emitter } from './emitter.js';
import { required, requireFloat, requireRank, typeText } from './infer.js';
import { defineOperator } from './operator.js';
import { matMulArrays, swapLastAxes } from './reference/mat-mul.js';
import { mapArray, zipArrays } from './reference/ndarray.js';

/** `Y = alpha·A′·B′ + beta·C` for matrices, A′ = Aᵀ where transA (ONNX `Gemm`); C broadcasts to Y and may be omitted. */
export const gemm = defineOperator({
  opType: 'Gemm',
  since: 13,
  inputs: [2, 3],
  attributes: {
    alpha: { kind: 'float', default: 1 },
    beta: { kind: 'float', default: 1 },
    transA: { kind: 'int', default: 0 },
    transB: { kind: 'int', default: 0 },
  },
  infer: (inputs, { transA, transB }) => {
    const [a, b] = [required('Gemm', inputs, 0), required('Gemm', inputs, 1)];
    const shape = productShape(a, b, transA !== 0, transB !== 0);
    if (inputs[2] !== undefined) checkAddend(inputs[2], shape, a);
    return [{ dtype: a.dtype, shape }];
  },
  gradient: ({ o, inputs, grads: [dy], attributes: { alpha, beta, transA, transB }, needs }) => {
    if (dy === undefined) return [];
    const [a, b] = [required('Gemm', inputs, 0), required('Gemm', inputs, 1)];
    const flags: Flags = { transA: transA !== 0, transB: transB !== 0, alpha };
    return [
      needs[0] === true ? gradientOfA(o, dy, b, flags) : undefined,
      needs[1] === true ? gradientOfB(o, dy, a, flags) : undefined,
      needs[2] !== true ? undefined : beta === 1 ? dy : o.mul(dy, beta),
    ];
  },
  reference: (inputs, { alpha, beta, transA, transB }) => {
    const [a, b] = [required('Gemm', inputs, 0), required('Gemm', inputs, 1)];
    const product = matMulArrays(transA !== 0 ? swapLastAxes(a) : a, transB !== 0 ? swapLastAxes(b) : b);
    const c = inputs[2];
    if (c === undefined) return [mapArray(product, (x) => alpha * x)];
    return [zipArrays(product, c, (x, y) => alpha * x + beta * y)];
  },
});

interface Flags {
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
}

/** dA′ = alpha·dY·B′ᵀ; where A was transposed, the transpose of that: alpha·B′·dYᵀ. */
function gradientOfA(o: Emitter, dy: Value, b: Value, { transA, transB, alpha }: Flags): Value {
  if (transA) return o.gemm(b, dy, { transA: transB, transB: true, alpha });
  return o.gemm(dy, b, { transB: !transB, alpha });
}

/** dB′ = alpha·A′ᵀ·dY; where B was transposed, the transpose of that: alpha·dYᵀ·A′. */
function gradientOfB(o: Emitter, dy: Value, a: Value, { transA, transB, alpha }: Flags): Value {
  if (transB) return o.gemm(dy, a, { transA: true, transB: transA, alpha });
  return o.gemm(a, dy, { transA: !transA, alpha });
}

function productShape(a: Value, b: Value, transA: boolean, transB: boolean): Shape {
  requireRank('Gemm', 'A', requireFloat('Gemm', a).shape, 2);
  requireRank('Gemm', 'B', b.shape, 2);
  const [m, k] = transA ? [a.shape[1], a.shape[0]] : a.shape;
  const [kb, n] = transB ? [b.shape[1], b.shape[0]] : b.shape;
  if (k === kb && a.dtype === b.dtype) return [m ?? 1, n ?? 1];
  const received = `A ${typeText(a)}${transA ? ' transposed' : ''} and B ${typeText(b)}${transB ? ' transposed' : ''}`;
  throw new GraphError({ where: 'Gemm', received, expected: '[M, K] and [K, N] of one type' });
}

function checkAddend(c: Value, shape: Shape, a: TypeInfo): void {
  const fits = c.dtype === a.dtype && sameShape(broadcastShapes('Gemm', c.shape, shape), shape);
  if (fits) return;
  const expected = `C that broadcasts to ${typeText({ dtype: a.dtype, shape })}`;
  throw new GraphError({ where: 'Gemm', received: `C ${typeText(c)}`, expected });
}
