import { floatType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray } from './reference/ndarray.js';

/** The smallest integer ≥ x, element by element (ONNX `Ceil`). */
export const ceil = defineOperator({
  opType: 'Ceil',
  since: 13,
  inputs: [1, 1],
  attributes: {},
  infer: floatType('Ceil'),
  gradient: { notDifferentiable: 'a step function' },
  reference: (inputs) => [mapArray(required('Ceil', inputs, 0), Math.ceil)],
});
