import { floatType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray } from './reference/ndarray.js';

/** Element-wise |x|; the gradient at 0 is 0 (ONNX `Abs`). */
export const abs = defineOperator({
  opType: 'Abs',
  since: 13,
  inputs: [1, 1],
  attributes: {},
  infer: floatType('Abs'),
  gradient: ({ o, inputs, grads: [dy] }) =>
    dy === undefined ? [] : [o.mul(dy, o.op('Sign', [required('Abs', inputs, 0)]))],
  reference: (inputs) => [mapArray(required('Abs', inputs, 0), Math.abs)],
});
