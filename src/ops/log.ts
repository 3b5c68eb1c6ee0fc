import { floatType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray } from './reference/ndarray.js';

/** Element-wise natural logarithm (ONNX `Log`). */
export const log = defineOperator({
  opType: 'Log',
  since: 13,
  inputs: [1, 1],
  attributes: {},
  infer: floatType('Log'),
  gradient: ({ o, inputs, grads: [dy] }) => (dy === undefined ? [] : [o.div(dy, required('Log', inputs, 0))]),
  reference: (inputs) => [mapArray(required('Log', inputs, 0), Math.log)],
});
