import { floatType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray } from './reference/ndarray.js';

/** Element-wise −x (ONNX `Neg`). */
export const neg = defineOperator({
  opType: 'Neg',
  since: 13,
  inputs: [1, 1],
  attributes: {},
  infer: floatType('Neg'),
  gradient: ({ o, grads: [dy] }) => (dy === undefined ? [] : [o.neg(dy)]),
  reference: (inputs) => [mapArray(required('Neg', inputs, 0), (x) => -x)],
});
