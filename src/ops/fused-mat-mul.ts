import { GraphError } from '../core/errors.js';
import type { TypeInfo } from '../onnx/graph.js';
import { required } from './infer.js';
import { productShape } from './mat-mul.js';
import { defineOperator } from './operator.js';
import { matMulArrays, swapLastAxes } from './reference/mat-mul.js';
import { mapArray } from './reference/ndarray.js';

const WHERE = 'FusedMatMul';

/**
 * `alpha·A′·B′` over the last two axes, A′ = Aᵀ where transA (ONNX Runtime's `com.microsoft.FusedMatMul`).
 *
 * Spares the copy of a Transpose; every build of ONNX Runtime has it, other runtimes do not.
 */
export const fusedMatMul = defineOperator({
  opType: WHERE,
  domain: 'com.microsoft',
  since: 1,
  inputs: [2, 2],
  attributes: {
    alpha: { kind: 'float', default: 1 },
    transA: { kind: 'int', default: 0 },
    transB: { kind: 'int', default: 0 },
    transBatchA: { kind: 'int', default: 0 },
    transBatchB: { kind: 'int', default: 0 },
  },
  infer: (inputs, { transA, transB, transBatchA, transBatchB }) => {
    if (transBatchA !== 0 || transBatchB !== 0)
      throw new GraphError({ where: WHERE, received: 'transBatchA or transBatchB', expected: 'both 0' });
    const [a, b] = [required(WHERE, inputs, 0), required(WHERE, inputs, 1)];
    const shape = productShape(WHERE, transA !== 0 ? swapped(a) : a, transB !== 0 ? swapped(b) : b);
    return [{ dtype: a.dtype, shape }];
  },
  // As in Gemm: dA′ = alpha·dY·B′ᵀ and dB′ = alpha·A′ᵀ·dY, transposed where the operand was.
  gradient: ({ o, inputs, grads: [dy], attributes: { alpha, transA, transB }, needs }) => {
    if (dy === undefined) return [];
    const [a, b] = [required(WHERE, inputs, 0), required(WHERE, inputs, 1)];
    const [ta, tb] = [transA !== 0, transB !== 0];
    const da = () =>
      ta
        ? o.fusedMatMul(b, dy, { transA: tb, transB: true, alpha })
        : o.fusedMatMul(dy, b, { transB: !tb, alpha });
    const db = () =>
      tb
        ? o.fusedMatMul(dy, a, { transA: true, transB: ta, alpha })
        : o.fusedMatMul(a, dy, { transA: !ta, alpha });
    return [needs[0] === true ? da() : undefined, needs[1] === true ? db() : undefined];
  },
  reference: (inputs, { alpha, transA, transB }) => {
    const [a, b] = [required(WHERE, inputs, 0), required(WHERE, inputs, 1)];
    const product = matMulArrays(transA !== 0 ? swapLastAxes(a) : a, transB !== 0 ? swapLastAxes(b) : b);
    return [mapArray(product, (x) => alpha * x)];
  },
});

function swapped({ dtype, shape }: TypeInfo): TypeInfo {
  return { dtype, shape: [...shape.slice(0, -2), ...shape.slice(-2).reverse()] };
}
