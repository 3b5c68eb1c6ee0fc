import { floatType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray } from './reference/ndarray.js';

/** The largest integer ≤ x, element by element (ONNX `Floor`). */
export const floor = defineOperator({
  opType: 'Floor',
  since: 13,
  inputs: [1, 1],
  attributes: {},
  infer: floatType('Floor'),
  gradient: { notDifferentiable: 'a step function' },
  reference: (inputs) => [mapArray(required('Floor', inputs, 0), Math.floor)],
});
