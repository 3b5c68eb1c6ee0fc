import { floatType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray } from './reference/ndarray.js';

/** Element-wise square root (ONNX `Sqrt`). */
export const sqrt = defineOperator({
  opType: 'Sqrt',
  since: 13,
  inputs: [1, 1],
  attributes: {},
  infer: floatType('Sqrt'),
  // d√x = dx / (2·√x)
  gradient: ({ o, outputs, grads: [dy] }) =>
    dy === undefined ? [] : [o.div(o.mul(dy, 0.5), required('Sqrt', outputs, 0))],
  reference: (inputs) => [mapArray(required('Sqrt', inputs, 0), Math.sqrt)],
});
