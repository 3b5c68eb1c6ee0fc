import { comparisonType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { zipArrays } from './reference/ndarray.js';

/** Element-wise a < b, as bool, with broadcasting (ONNX `Less`). */
export const less = defineOperator({
  opType: 'Less',
  since: 13,
  inputs: [2, 2],
  attributes: {},
  infer: comparisonType('Less'),
  gradient: { notDifferentiable: 'the output is bool' },
  reference: (inputs) => [
    zipArrays(required('Less', inputs, 0), required('Less', inputs, 1), (x, y) => (x < y ? 1 : 0)),
  ],
});
