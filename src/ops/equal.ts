import { commonType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { zipArrays } from './reference/ndarray.js';

/** Element-wise a = b, as bool, with broadcasting (ONNX `Equal`). */
export const equal = defineOperator({
  opType: 'Equal',
  since: 13,
  inputs: [2, 2],
  attributes: {},
  infer: (inputs) => commonType('Equal')(inputs).map(({ shape }) => ({ dtype: 'bool', shape })),
  gradient: { notDifferentiable: 'the output is bool' },
  reference: (inputs) => [
    zipArrays(required('Equal', inputs, 0), required('Equal', inputs, 1), (x, y) => (x === y ? 1 : 0)),
  ],
});
