import { comparisonType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { zipArrays } from './reference/ndarray.js';

/** Element-wise a > b, as bool, with broadcasting (ONNX `Greater`). */
export const greater = defineOperator({
  opType: 'Greater',
  since: 13,
  inputs: [2, 2],
  attributes: {},
  infer: comparisonType('Greater'),
  gradient: { notDifferentiable: 'the output is bool' },
  reference: (inputs) => [
    zipArrays(required('Greater', inputs, 0), required('Greater', inputs, 1), (x, y) => (x > y ? 1 : 0)),
  ],
});
