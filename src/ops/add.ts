import { broadcastType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { zipArrays } from './reference/ndarray.js';

/** Element-wise sum with broadcasting (ONNX `Add`). */
export const add = defineOperator({
  opType: 'Add',
  since: 14,
  inputs: [2, 2],
  attributes: {},
  infer: broadcastType('Add'),
  gradient: ({ grads: [dy] }) => [dy, dy],
  reference: (inputs) => [zipArrays(required('Add', inputs, 0), required('Add', inputs, 1), (x, y) => x + y)],
});
