import { required, sameType } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray } from './reference/ndarray.js';

/** `max(0, x)` (ONNX `Relu`); the gradient at 0 is 0. */
export const relu = defineOperator({
  opType: 'Relu',
  since: 14,
  inputs: [1, 1],
  attributes: {},
  infer: sameType('Relu'),
  // The output is positive exactly where the input is, so the input need not be kept.
  gradient: ({ o, outputs, grads: [dy] }) =>
    dy === undefined ? [] : [o.mul(dy, o.isPositive(required('Relu', outputs, 0)))],
  reference: (inputs) => [mapArray(required('Relu', inputs, 0), (x) => Math.max(0, x))],
});
