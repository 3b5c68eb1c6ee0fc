import { broadcastShapes } from '../core/tensor.js';
import { commonType, required, requireDtype } from './infer.js';
import { defineOperator } from './operator.js';
import { broadcastTo, ndarray } from './reference/ndarray.js';

/** Element-wise `condition ? a : b` with broadcasting (ONNX `Where`). */
export const where = defineOperator({
  opType: 'Where',
  since: 16,
  inputs: [3, 3],
  attributes: {},
  infer: (inputs) => {
    const condition = requireDtype('Where', required('Where', inputs, 0), 'bool');
    return commonType('Where')(inputs.slice(1)).map(({ dtype, shape }) => ({
      dtype,
      shape: broadcastShapes('Where', condition.shape, shape),
    }));
  },
  gradient: ({ o, inputs, grads: [dy], needs }) => {
    if (dy === undefined) return [];
    const condition = required('Where', inputs, 0);
    return [
      undefined,
      needs[1] === true ? o.where(condition, dy, 0) : undefined,
      needs[2] === true ? o.where(condition, 0, dy) : undefined,
    ];
  },
  reference: (inputs) => {
    const parts = [0, 1, 2].map((i) => required('Where', inputs, i));
    const shape = parts.map((part) => part.shape).reduce((a, b) => broadcastShapes('Where', a, b));
    const [condition, a, b] = parts.map((part) => broadcastTo(part, shape).data);
    return [ndarray(shape, (i) => ((condition?.[i] ?? 0) !== 0 ? a?.[i] : b?.[i]) ?? 0)];
  },
});
