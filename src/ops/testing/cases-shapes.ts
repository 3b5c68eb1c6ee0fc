import {
  forwardCase,
  ints,
  normal,
  operatorCase as of,
  scalar,
  type CaseInput,
  type OperatorCase,
} from './case.js';

const picks = (data: number[], shape = [data.length], dtype: 'int64' | 'int32' = 'int64'): CaseInput => ({
  dtype,
  shape,
  data,
  constant: true,
});

/** Operators that move elements about. */
export const SHAPE_CASES: readonly OperatorCase[] = [
  of('Reshape', 'with 0 and -1', [normal([2, 3, 4]), ints(0, -1)]),
  of('Reshape', 'to a scalar', [normal([1, 1]), ints()]),
  of('Flatten', 'axis 2', [normal([2, 3, 4, 5])], { axis: 2 }),
  of('Flatten', 'axis -1', [normal([2, 3, 4])], { axis: -1 }),
  of('Unsqueeze', 'two axes', [normal([2, 3]), ints(0, -1)]),
  of('Squeeze', 'given axis', [normal([1, 2, 1]), ints(-1)]),
  of('Squeeze', 'all ones', [normal([1, 2, 1])]),
  of('Transpose', 'default', [normal([2, 3, 4])]),
  of('Transpose', 'cycle', [normal([2, 3, 4])], { perm: [1, 2, 0] }),
  of('Expand', 'both ways', [normal([3, 1]), ints(2, 1, 4)]),
  of('Concat', 'middle axis', [normal([2, 1, 3]), normal([2, 2, 3], 2), normal([2, 3, 3], 3)], { axis: 1 }),
  of('Concat', 'last axis', [normal([2, 1]), normal([2, 2], 2)], { axis: -1 }),
  of('Slice', 'two axes', [normal([4, 5]), ints(1, -3), ints(3, 100)]),
  of('Slice', 'steps', [normal([7, 9]), ints(1, 0), ints(7, 8), ints(0, 1), ints(2, 3)]),
  of('Slice', 'step over one element', [normal([2, 5]), ints(3), ints(5), ints(1), ints(4)]),
  of('Split', 'num_outputs, uneven', [normal([2, 5])], { axis: 1, num_outputs: 3 }),
  of('Split', 'sizes', [normal([5, 2]), ints(1, 4)]),
  of('Split', 'a part without gradient', [normal([5, 2]), ints(1, 4)], {}, { through: [1] }),
  of('Pad', 'zeros', [normal([2, 3]), ints(1, 0, 0, 2)]),
  of('Pad', 'fill value and axes', [normal([2, 3]), ints(1, 2), scalar(-7), ints(-1)]),
  forwardCase('Pad', 'reflect', [normal([3, 4]), ints(2, 1, 0, 3)], { mode: 'reflect' }),
  forwardCase('Pad', 'edge', [normal([2, 3]), ints(1, 2, 3, 0)], { mode: 'edge' }),
  of('Gather', 'rows, repeated and negative', [normal([4, 3]), picks([1, -1, 1])]),
  of('Gather', 'matrix of indices on axis 1', [normal([2, 4, 3]), picks([0, 3, 2, 2], [2, 2])], { axis: 1 }),
  of('Gather', 'int32 scalar index', [normal([4, 3]), picks([2], [], 'int32')], { axis: 1 }),
  forwardCase('GatherGrad', 'axis 1', [picks([0, 3, -2]), normal([2, 3, 3])], { axis: 1, size: 4 }, 'mien'),
];
