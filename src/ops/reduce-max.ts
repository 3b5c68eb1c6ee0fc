import { required } from './infer.js';
import { defineOperator } from './operator.js';
import {
  REDUCTION_ATTRIBUTES,
  reductionAxes,
  reductionReference,
  reductionType,
  restoreAxes,
} from './reduction.js';
import { foldOver } from './reference/ndarray.js';

/** Maximum over constant axes (ONNX `ReduceMax`); tied maxima share the gradient equally, as in `torch.amax`. */
export const reduceMax = defineOperator({
  opType: 'ReduceMax',
  since: 18,
  inputs: [1, 2],
  attributes: REDUCTION_ATTRIBUTES,
  infer: reductionType('ReduceMax'),
  gradient: ({ o, inputs, outputs, grads: [dy] }) => {
    if (dy === undefined) return [];
    const x = required('ReduceMax', inputs, 0);
    const axes = reductionAxes('ReduceMax', inputs, o.builder);
    const y = restoreAxes(o, required('ReduceMax', outputs, 0), x, axes);
    const isMax = o.cast(o.op('Equal', [x, y]), x.dtype);
    const share = o.div(restoreAxes(o, dy, x, axes), o.reduceSum(isMax, axes));
    return [o.mul(isMax, share)];
  },
  reference: reductionReference('ReduceMax', (x, axes) => foldOver(x, axes, -Infinity, Math.max)),
});
