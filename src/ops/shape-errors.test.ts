import { describe, expect, it } from 'vitest';

import type { DType, Shape } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import type { PlainAttributes } from '../onnx/schema.js';
import { testBuilder } from './testing/check-onnx.js';

type Input = Shape | { ints: number[] } | { dtype: DType; shape: Shape } | undefined;

function emit(
  operator: string,
  inputs: Input[],
  attributes: PlainAttributes = {},
  domain = '',
): () => unknown {
  const builder = testBuilder();
  const values = inputs.map((input, i): Value | undefined => {
    if (input === undefined) return undefined;
    if ('ints' in input) return builder.ints(input.ints);
    if ('dtype' in input) return builder.input(`x${i}`, input.dtype, input.shape);
    return builder.input(`x${i}`, 'float32', input);
  });
  return () => builder.node(operator, values, attributes, { domain });
}

const CASES: [string, () => unknown, string][] = [
  ['Add', emit('Add', [[2, 3], [4]]), 'Add: received shapes [2, 3] and [4], expected shapes that broadcast.'],
  [
    'Sub of two types',
    emit('Sub', [[2], { dtype: 'int64', shape: [2] }]),
    'Sub: received float32 and int64, expected one type.',
  ],
  [
    'Div of integers',
    emit('Div', [
      { dtype: 'int64', shape: [2] },
      { dtype: 'int64', shape: [2] },
    ]),
    'Div: received int64[2], expected floating-point elements.',
  ],
  [
    'Mul of bools',
    emit('Mul', [
      { dtype: 'bool', shape: [2] },
      { dtype: 'bool', shape: [2] },
    ]),
    'Mul: received bool elements, expected numbers.',
  ],
  [
    'MatMul',
    emit('MatMul', [
      [2, 3],
      [2, 3],
    ]),
    'MatMul: received float32[2, 3] and float32[2, 3], expected […, M, K] and […, K, N] of one type.',
  ],
  [
    'Gemm',
    emit(
      'Gemm',
      [
        [2, 3],
        [3, 4],
      ],
      { transA: 1 },
    ),
    'Gemm: received A float32[2, 3] transposed and B float32[3, 4], expected [M, K] and [K, N] of one type.',
  ],
  [
    'Gemm with a wrong C',
    emit('Gemm', [
      [2, 3],
      [3, 4],
      [5, 2, 4],
    ]),
    'Gemm: received C float32[5, 2, 4], expected C that broadcasts to float32[2, 4].',
  ],
  [
    'FusedMatMul',
    emit(
      'FusedMatMul',
      [
        [2, 3],
        [3, 4],
      ],
      { transBatchA: 1 },
      'com.microsoft',
    ),
    'FusedMatMul: received transBatchA or transBatchB, expected both 0.',
  ],
  [
    'ReduceSum',
    emit('ReduceSum', [[2, 3], { ints: [2] }]),
    'ReduceSum: received axis 2, expected an axis of a rank-2 value.',
  ],
  [
    'ReduceMean with axes computed at run time',
    emit('ReduceMean', [[2, 3], { dtype: 'int64', shape: [1] }]),
    'ReduceMean: received "x1" computed at run time, expected a constant.',
  ],
  [
    'Reshape',
    emit('Reshape', [[2, 3], { ints: [4, -1] }]),
    'Reshape: received shape [2, 3] to [4, -1], expected a shape of 6 elements.',
  ],
  [
    'Transpose',
    emit('Transpose', [[2, 3]], { perm: [0, 0] }),
    'Transpose: received perm [0, 0] for shape [2, 3], expected a permutation of 2 axes.',
  ],
  [
    'Concat',
    emit(
      'Concat',
      [
        [2, 3],
        [3, 3],
      ],
      { axis: 1 },
    ),
    'Concat: received float32[2, 3] and float32[3, 3], expected equal types and sizes but along axis 1.',
  ],
  [
    'Slice backwards',
    emit('Slice', [[4], { ints: [3] }, { ints: [0] }, { ints: [0] }, { ints: [-1] }]),
    'Slice: received step -1, expected a positive step.',
  ],
  [
    'Slice of nothing',
    emit('Slice', [[4], { ints: [3] }, { ints: [3] }]),
    'Slice: received 3:3 of an axis of 4, expected at least one element.',
  ],
  [
    'Split',
    emit('Split', [[4], { ints: [1, 2] }]),
    'Split: received sizes 1, 2, expected positive sizes that add up to 4.',
  ],
  [
    'Split without sizes',
    emit('Split', [[4]]),
    'Split: received neither, expected either sizes or num_outputs.',
  ],
  [
    'Pad',
    emit('Pad', [[4], { ints: [-1, 0] }]),
    'Pad: received pads [-1, 0], expected 2 sizes of at least 0.',
  ],
  [
    'Pad mode',
    emit('Pad', [[4], { ints: [1, 0] }], { mode: 'wrap' }),
    'Pad: received mode "wrap", expected constant, reflect or edge.',
  ],
  [
    'Softmax',
    emit('Softmax', [[2, 3]], { axis: 2 }),
    'Softmax: received axis 2, expected an axis of a rank-2 value.',
  ],
  [
    'Cast',
    emit('Cast', [[2]], { to: 11 }),
    'Cast: received element type DOUBLE, expected float32, float16, int64, int32, uint8, int8, bool.',
  ],
  ['Clip', emit('Clip', [[2], [2]]), 'Clip: received a bound float32[2], expected a scalar.'],
  ['Where', emit('Where', [[2], [2], [2]]), 'Where: received float32[2], expected bool elements.'],
  ['Gather', emit('Gather', [[2], [2]]), 'Gather: received indices float32[2], expected int32 or int64.'],
  [
    'Squeeze',
    emit('Squeeze', [[1, 2], { ints: [1] }]),
    'Squeeze: received axes [1] of shape [1, 2], expected axes of size 1.',
  ],
  [
    'Unsqueeze',
    emit('Unsqueeze', [[2], { ints: [0, -3] }]),
    'Unsqueeze: received axes [0, -3], expected each axis once.',
  ],
  [
    'GlobalAveragePool',
    emit('GlobalAveragePool', [[2, 3]]),
    'GlobalAveragePool: received [2, 3], expected [N, C, …] with pixels.',
  ],
  [
    'MaxPool',
    emit('MaxPool', [[1, 1, 4, 4]], { kernel_shape: [2, 2], pads: [2, 0, 0, 0] }),
    'MaxPool: received pads [2, 0, 0, 0] for a window [2, 2], expected pads smaller than the window.',
  ],
  [
    'AveragePool',
    emit('AveragePool', [[1, 1, 4, 4]], { kernel_shape: [2, 2], ceil_mode: 1 }),
    'AveragePool: received ceil_mode 1, expected ceil_mode 0.',
  ],
  ['Max of nothing', emit('Max', []), 'Max: received 0 inputs, expected 1 to Infinity.'],
];

describe('operators refuse inputs that do not fit, by name', () => {
  it.each(CASES)('%s', (_, run, text) => expect(run).toThrow(text));
});
