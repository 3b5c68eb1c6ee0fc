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

/** Keeps x/‖x‖ finite: 0/1e-30 = 0, the gradient that PyTorch gives a zero vector. */
const SMALLEST_NORM = 1e-30;

/** Euclidean norm over constant axes (ONNX `ReduceL2`); the gradient at a zero vector is 0. */
export const reduceL2 = defineOperator({
  opType: 'ReduceL2',
  since: 18,
  inputs: [1, 2],
  attributes: REDUCTION_ATTRIBUTES,
  infer: reductionType('ReduceL2'),
  // d‖x‖ = x/‖x‖·dx
  gradient: ({ o, inputs, outputs, grads: [dy] }) => {
    if (dy === undefined) return [];
    const x = required('ReduceL2', inputs, 0);
    const axes = reductionAxes('ReduceL2', inputs, o.builder);
    const norm = restoreAxes(o, required('ReduceL2', outputs, 0), x, axes);
    const direction = o.div(x, o.op('Max', [norm, o.scalar(SMALLEST_NORM)]));
    return [o.mul(direction, restoreAxes(o, dy, x, axes))];
  },
  reference: reductionReference('ReduceL2', (x, axes) =>
    mapArray(
      sumOver(
        mapArray(x, (value) => value * value),
        axes,
      ),
      Math.sqrt,
    ),
  ),
});
