import { required, sameType } from './infer.js';
import { defineOperator } from './operator.js';

/** `y = x` (ONNX `Identity`); names graph outputs. */
export const identity = defineOperator({
  opType: 'Identity',
  since: 16,
  inputs: [1, 1],
  attributes: {},
  infer: sameType('Identity'),
  gradient: ({ grads: [dy] }) => [dy],
  reference: (inputs) => [required('Identity', inputs, 0)],
});
