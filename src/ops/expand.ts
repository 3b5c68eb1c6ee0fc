import { broadcastShapes } from '../core/tensor.js';
import { constantInts, intsOf, required } from './infer.js';
import { defineOperator } from './operator.js';
import { broadcastTo } from './reference/ndarray.js';

/** Repeats along axes of size 1 by broadcasting with a constant shape (ONNX `Expand`). */
export const expand = defineOperator({
  opType: 'Expand',
  since: 13,
  inputs: [2, 2],
  attributes: {},
  infer: (inputs, _, context) => {
    const { dtype, shape } = required('Expand', inputs, 0);
    const target = constantInts('Expand', required('Expand', inputs, 1), context);
    return [{ dtype, shape: broadcastShapes('Expand', shape, target) }];
  },
  // The reverse walk sums over the repeated axes.
  gradient: ({ grads: [dy] }) => [dy],
  reference: (inputs) => {
    const x = required('Expand', inputs, 0);
    const target = intsOf(required('Expand', inputs, 1));
    return [broadcastTo(x, broadcastShapes('Expand', x.shape, target))];
  },
});
