import { floatType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray } from './reference/ndarray.js';

/** Element-wise hyperbolic tangent (ONNX `Tanh`). */
export const tanh = defineOperator({
  opType: 'Tanh',
  since: 13,
  inputs: [1, 1],
  attributes: {},
  infer: floatType('Tanh'),
  // y′ = 1 − y²
  gradient: ({ o, outputs, grads: [dy] }) => {
    const y = required('Tanh', outputs, 0);
    return dy === undefined ? [] : [o.mul(dy, o.sub(1, o.mul(y, y)))];
  },
  reference: (inputs) => [mapArray(required('Tanh', inputs, 0), Math.tanh)],
});
