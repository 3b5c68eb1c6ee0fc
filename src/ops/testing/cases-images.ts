import {
  apart,
  forwardCase,
  normal,
  operatorCase as of,
  positive,
  values,
  type OperatorCase,
} from './case.js';

const own = { domain: 'mien' } as const;
const window = { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 1] } as const;

/** Convolutions; all gradients. */
const CONVOLUTIONS: readonly OperatorCase[] = [
  of('Conv', '3x3', [normal([2, 3, 5, 4]), normal([4, 3, 3, 3], 2), normal([4], 3)], { pads: [1, 1, 1, 1] }),
  of('Conv', '3x3 stride 2', [normal([2, 3, 6, 5]), normal([4, 3, 3, 3], 2)], {
    strides: [2, 2],
    pads: [0, 1, 1, 1],
  }),
  of('Conv', '1x1', [normal([2, 3, 4, 4]), normal([5, 3, 1, 1], 2)]),
  of('Conv', 'depthwise', [normal([2, 4, 5, 5]), normal([4, 1, 3, 3], 2)], { group: 4, pads: [1, 1, 1, 1] }),
  of('Conv', 'grouped, dilated', [normal([1, 4, 7, 7]), normal([6, 2, 2, 3], 2)], {
    group: 2,
    dilations: [2, 2],
    strides: [2, 1],
  }),
  forwardCase('ConvTranspose', 'stride 2', [normal([1, 3, 4, 4]), normal([3, 2, 3, 3], 2)], {
    strides: [2, 2],
    pads: [1, 1, 0, 0],
    output_padding: [1, 0],
  }),
  forwardCase(
    'ConvInputGrad',
    'stride 2',
    [normal([4, 3, 3, 3]), normal([2, 4, 3, 3], 2)],
    { strides: [2, 2], pads: [0, 1, 1, 1], input_size: [6, 5] },
    'mien',
  ),
  forwardCase(
    'ConvWeightGrad',
    'stride 2',
    [normal([2, 3, 6, 5]), normal([2, 4, 3, 3], 2)],
    { strides: [2, 2], pads: [0, 1, 1, 1], kernel_shape: [3, 3] },
    'mien',
  ),
];

/** Batch normalization by given and by the batch's statistics. */
const NORMALIZATIONS: readonly OperatorCase[] = [
  of(
    'BatchNormalization',
    'given statistics',
    [normal([2, 3, 2, 2]), normal([3], 2), normal([3], 3), constant(normal([3], 4)), constant(positive([3]))],
    { epsilon: 1e-3 },
  ),
  of(
    'BatchNormTraining',
    'images',
    [normal([3, 2, 2, 3]), normal([2], 2), normal([2], 3)],
    {},
    {
      ...own,
      through: [0],
    },
  ),
  of(
    'BatchNormTraining',
    'vectors',
    [normal([6, 4]), normal([4], 2), normal([4], 3)],
    {},
    {
      ...own,
      through: [0],
    },
  ),
  forwardCase(
    'BatchNormTrainingGrad',
    'images',
    [normal([3, 2, 2, 3]), normal([3, 2, 2, 3], 2), normal([2], 3), normal([2], 4), positive([2])],
    {},
    'mien',
  ),
];

/** Pooling. */
const POOLS: readonly OperatorCase[] = [
  of('GlobalAveragePool', 'images', [normal([2, 3, 4, 5])]),
  of('AveragePool', 'border left out', [normal([2, 3, 5, 4])], window),
  of('AveragePool', 'border counted', [normal([2, 3, 5, 4])], { ...window, count_include_pad: 1 }),
  of('AveragePool', 'rows never reached', [normal([1, 2, 6, 6])], { kernel_shape: [2, 2], strides: [4, 3] }),
  of('MaxPool', '3x3 stride 2 with border', [apart([2, 3, 6, 5])], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  of('MaxPool', 'overlapping, asymmetric border', [apart([1, 2, 5, 4])], window),
  of('MaxPool', 'dilated', [apart([1, 2, 6, 6])], { kernel_shape: [2, 2], dilations: [2, 3] }),
  forwardCase(
    'AveragePoolGrad',
    'border left out',
    [normal([2, 3, 3, 4])],
    { ...window, input_size: [5, 4] },
    'mien',
  ),
  forwardCase(
    'MaxPoolGrad',
    'ties go to the first',
    [
      values([1, 1, 0, 0, 1, 1, 0, 0, 0], [1, 1, 3, 3]),
      values([1, 1, 1, 1], [1, 1, 2, 2]),
      normal([1, 1, 2, 2]),
    ],
    { kernel_shape: [2, 2] },
    'mien',
  ),
];

/** Separable resampling; the matrices are constants. */
const RESAMPLING: readonly OperatorCase[] = [
  of(
    'Resample',
    'larger',
    [normal([2, 3, 3, 4]), constant(normal([5, 3], 2)), constant(normal([4, 7], 3))],
    {},
    own,
  ),
  of(
    'Resample',
    'smaller',
    [normal([2, 1, 6, 5]), constant(normal([2, 6], 2)), constant(normal([5, 3], 3))],
    {},
    own,
  ),
];

/** Operators on images. */
export const IMAGE_CASES: readonly OperatorCase[] = [
  ...CONVOLUTIONS,
  ...NORMALIZATIONS,
  ...POOLS,
  ...RESAMPLING,
];

function constant<T>(input: T): T & { constant: true } {
  return { ...input, constant: true };
}
