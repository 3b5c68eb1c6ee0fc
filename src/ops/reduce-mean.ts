import { required } from './infer.js';
import { defineOperator } from './operator.js';
import {
  countOver,
  REDUCTION_ATTRIBUTES,
  reductionAxes,
  reductionReference,
  reductionType,
  restoreAxes,
} from './reduction.js';
import { mapArray, sumOver } from './reference/ndarray.js';

/** Mean over constant axes (ONNX `ReduceMean`). */
export const reduceMean = defineOperator({
  opType: 'ReduceMean',
  since: 18,
  inputs: [1, 2],
  attributes: REDUCTION_ATTRIBUTES,
  infer: reductionType('ReduceMean'),
  // Dividing before expanding touches fewer elements.
  gradient: ({ o, inputs, grads: [dy] }) => {
    if (dy === undefined) return [];
    const x = required('ReduceMean', inputs, 0);
    const axes = reductionAxes('ReduceMean', inputs, o.builder);
    const share = o.mul(restoreAxes(o, dy, x, axes), 1 / countOver(x.shape, axes));
    return [o.expand(share, x.shape)];
  },
  reference: reductionReference('ReduceMean', (x, axes) => {
    const count = countOver(x.shape, axes);
    return mapArray(sumOver(x, axes), (sum) => sum / count);
  }),
});
