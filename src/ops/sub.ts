import { broadcastType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { zipArrays } from './reference/ndarray.js';

/** Element-wise difference with broadcasting (ONNX `Sub`). */
export const sub = defineOperator({
  opType: 'Sub',
  since: 14,
  inputs: [2, 2],
  attributes: {},
  infer: broadcastType('Sub'),
  gradient: ({ o, grads: [dy], needs }) =>
    dy === undefined ? [] : [dy, needs[1] === true ? o.neg(dy) : undefined],
  reference: (inputs) => [zipArrays(required('Sub', inputs, 0), required('Sub', inputs, 1), (x, y) => x - y)],
});
