import { apart, ints, normal, operatorCase as of, values, type OperatorCase } from './case.js';

const microsoft = { domain: 'com.microsoft' } as const;

/** Matrix products and reductions. */
export const MATRIX_CASES: readonly OperatorCase[] = [
  of('MatMul', 'matrices', [normal([2, 3]), normal([3, 4], 2)]),
  of('MatMul', 'batched', [normal([5, 2, 3]), normal([5, 3, 4], 2)]),
  of('MatMul', 'batch times matrix', [normal([2, 2, 2, 3]), normal([3, 4], 2)]),
  of('MatMul', 'matrix times batch', [normal([2, 3]), normal([5, 3, 4], 2)]),
  of('MatMul', 'batches broadcast', [normal([2, 1, 2, 3]), normal([4, 3, 2], 2)]),
  ...[0, 1].flatMap((transA) =>
    [0, 1].map((transB) =>
      of(
        'Gemm',
        `transA ${transA}, transB ${transB}, alpha, beta, C`,
        [normal(transA ? [3, 2] : [2, 3]), normal(transB ? [4, 3] : [3, 4], 2), normal([4], 3)],
        { transA, transB, alpha: 0.5, beta: -2 },
      ),
    ),
  ),
  of('Gemm', 'no C', [normal([2, 3]), normal([3, 4], 2)], { alpha: 3 }),
  of('Gemm', 'C column', [normal([2, 3]), normal([3, 4], 2), normal([2, 1], 3)]),
  of('Gemm', 'C scalar', [normal([2, 3]), normal([3, 4], 2), normal([], 3)]),
  ...[0, 1].flatMap((transA) =>
    [0, 1].map((transB) =>
      of(
        'FusedMatMul',
        `transA ${transA}, transB ${transB}, batched`,
        [normal(transA ? [5, 3, 2] : [5, 2, 3]), normal(transB ? [5, 4, 3] : [5, 3, 4], 2)],
        { transA, transB, alpha: 0.5 },
        microsoft,
      ),
    ),
  ),
  of('FusedMatMul', 'broadcast', [normal([2, 3]), normal([5, 4, 3], 2)], { transB: 1 }, microsoft),
  ...['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceL2', 'ReduceSumSquare'].flatMap((operator) => [
    of(operator, 'one axis kept', [apart([2, 3, 4]), ints(1)]),
    of(operator, 'negative axes dropped', [apart([2, 3, 4]), ints(-1, 0)], { keepdims: 0 }),
    of(operator, 'all axes', [apart([2, 3])], { keepdims: 0 }),
  ]),
  of('ReduceMax', 'ties', [values([1, 2, 2, 0], [1, 4]), ints(1)], {}, { wrt: [] }),
];
