import { required } from './infer.js';
import { defineOperator } from './operator.js';
import {
  REDUCTION_ATTRIBUTES,
  reductionAxes,
  reductionReference,
  reductionType,
  restoreAxes,
} from './reduction.js';
import { mapArray, sumOver } from './reference/ndarray.js';

/** Sum of squares over constant axes (ONNX `ReduceSumSquare`). */
export const reduceSumSquare = defineOperator({
  opType: 'ReduceSumSquare',
  since: 18,
  inputs: [1, 2],
  attributes: REDUCTION_ATTRIBUTES,
  infer: reductionType('ReduceSumSquare'),
  gradient: ({ o, inputs, grads: [dy] }) => {
    if (dy === undefined) return [];
    const x = required('ReduceSumSquare', inputs, 0);
    const axes = reductionAxes('ReduceSumSquare', inputs, o.builder);
    return [o.mul(x, o.mul(restoreAxes(o, dy, x, axes), 2))];
  },
  reference: reductionReference('ReduceSumSquare', (x, axes) =>
    sumOver(
      mapArray(x, (value) => value * value),
      axes,
    ),
  ),
});
