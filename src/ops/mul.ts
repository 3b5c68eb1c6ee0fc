import { broadcastType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { zipArrays } from './reference/ndarray.js';

/**
 * Element-wise product with broadcasting (ONNX `Mul`).
 *
 * It also is dropout: layers multiply by a supplied mask of 0 and 1/(1 − rate), drawn outside the graph.
 */
export const mul = defineOperator({
  opType: 'Mul',
  since: 14,
  inputs: [2, 2],
  attributes: {},
  infer: broadcastType('Mul'),
  // d(a·b) = b·da + a·db
  gradient: ({ o, inputs, grads: [dy] }) => {
    const [a, b] = [required('Mul', inputs, 0), required('Mul', inputs, 1)];
    return dy === undefined ? [] : [o.mul(dy, b), o.mul(dy, a)];
  },
  reference: (inputs) => [zipArrays(required('Mul', inputs, 0), required('Mul', inputs, 1), (x, y) => x * y)],
});
