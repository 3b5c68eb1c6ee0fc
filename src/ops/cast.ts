import type { DType } from '../core/tensor.js';
import { dtypeOf } from '../onnx/data-types.js';
import { isFloat, required } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray } from './reference/ndarray.js';

/**
 * Converts the element type (ONNX `Cast`; `to` is ONNX's number of the type).
 *
 * Gradients flow between floating-point types only. The reference kernel stays in float64, so it does
 * not round to half precision.
 */
export const cast = defineOperator({
  opType: 'Cast',
  since: 13,
  inputs: [1, 1],
  attributes: { to: { kind: 'int', required: true } },
  infer: (inputs, { to }) => [{ dtype: dtypeOf(to, 'Cast'), shape: required('Cast', inputs, 0).shape }],
  gradient: ({ o, inputs, grads: [dy], attributes: { to } }) => {
    const { dtype } = required('Cast', inputs, 0);
    if (dy === undefined || !isFloat(dtype) || !isFloat(dtypeOf(to, 'Cast'))) return [];
    return [o.cast(dy, dtype)];
  },
  reference: (inputs, { to }) => [mapArray(required('Cast', inputs, 0), converter(dtypeOf(to, 'Cast')))],
});

function converter(dtype: DType): (value: number) => number {
  if (dtype === 'bool') return (value) => (value === 0 ? 0 : 1);
  return isFloat(dtype) ? (value) => value : Math.trunc;
}
