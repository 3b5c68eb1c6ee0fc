import { floatType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray } from './reference/ndarray.js';

/** Element-wise eˣ (ONNX `Exp`). */
export const exp = defineOperator({
  opType: 'Exp',
  since: 13,
  inputs: [1, 1],
  attributes: {},
  infer: floatType('Exp'),
  gradient: ({ o, outputs, grads: [dy] }) =>
    dy === undefined ? [] : [o.mul(dy, required('Exp', outputs, 0))],
  reference: (inputs) => [mapArray(required('Exp', inputs, 0), Math.exp)],
});
