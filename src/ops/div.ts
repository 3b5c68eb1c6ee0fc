import { floatBroadcastType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { zipArrays } from './reference/ndarray.js';

/** Element-wise quotient of floating-point values with broadcasting (ONNX `Div`). */
export const div = defineOperator({
  opType: 'Div',
  since: 14,
  inputs: [2, 2],
  attributes: {},
  infer: floatBroadcastType('Div'),
  // d(a/b) = da/b − (y/b)·db with y = a/b
  gradient: ({ o, inputs, outputs, grads: [dy], needs }) => {
    if (dy === undefined) return [];
    const da = o.div(dy, required('Div', inputs, 1));
    return [da, needs[1] === true ? o.neg(o.mul(da, required('Div', outputs, 0))) : undefined];
  },
  reference: (inputs) => [zipArrays(required('Div', inputs, 0), required('Div', inputs, 1), (x, y) => x / y)],
});
