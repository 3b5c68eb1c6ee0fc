import { floatType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray } from './reference/ndarray.js';

/** Element-wise 1 / (1 + e⁻ˣ) (ONNX `Sigmoid`). */
export const sigmoid = defineOperator({
  opType: 'Sigmoid',
  since: 13,
  inputs: [1, 1],
  attributes: {},
  infer: floatType('Sigmoid'),
  // y′ = y·(1 − y) = y − y²
  gradient: ({ o, outputs, grads: [dy] }) => {
    const y = required('Sigmoid', outputs, 0);
    return dy === undefined ? [] : [o.mul(dy, o.sub(y, o.mul(y, y)))];
  },
  reference: (inputs) => [mapArray(required('Sigmoid', inputs, 0), (x) => 1 / (1 + Math.exp(-x)))],
});
