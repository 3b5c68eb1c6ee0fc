import { required } from './infer.js';
import { defineOperator } from './operator.js';
import {
  REDUCTION_ATTRIBUTES,
  reductionAxes,
  reductionReference,
  reductionType,
  restoreAxes,
} from './reduction.js';
import { sumOver } from './reference/ndarray.js';

/** Sum over constant axes (ONNX `ReduceSum`). */
export const reduceSum = defineOperator({
  opType: 'ReduceSum',
  since: 13,
  inputs: [1, 2],
  attributes: REDUCTION_ATTRIBUTES,
  infer: reductionType('ReduceSum'),
  gradient: ({ o, inputs, grads: [dy] }) => {
    if (dy === undefined) return [];
    const x = required('ReduceSum', inputs, 0);
    const axes = reductionAxes('ReduceSum', inputs, o.builder);
    return [o.expand(restoreAxes(o, dy, x, axes), x.shape)];
  },
  reference: reductionReference('ReduceSum', sumOver),
});
