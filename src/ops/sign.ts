import { floatType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray } from './reference/ndarray.js';

/** Element-wise −1, 0 or 1 (ONNX `Sign`). */
export const sign = defineOperator({
  opType: 'Sign',
  since: 13,
  inputs: [1, 1],
  attributes: {},
  infer: floatType('Sign'),
  gradient: { notDifferentiable: 'a step function' },
  reference: (inputs) => [mapArray(required('Sign', inputs, 0), Math.sign)],
});
