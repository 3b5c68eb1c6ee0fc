import { floatType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray } from './reference/ndarray.js';

/** Element-wise 1/x (ONNX `Reciprocal`). */
export const reciprocal = defineOperator({
  opType: 'Reciprocal',
  since: 13,
  inputs: [1, 1],
  attributes: {},
  infer: floatType('Reciprocal'),
  // d(1/x) = −y²·dx
  gradient: ({ o, outputs, grads: [dy] }) => {
    const y = required('Reciprocal', outputs, 0);
    return dy === undefined ? [] : [o.neg(o.mul(dy, o.mul(y, y)))];
  },
  reference: (inputs) => [mapArray(required('Reciprocal', inputs, 0), (x) => 1 / x)],
});
