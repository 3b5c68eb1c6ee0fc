import { required } from './infer.js';
import { defineOperator } from './operator.js';
import { checkParameters, parameterOf } from './quantization.js';
import { ndarray } from './reference/ndarray.js';

/**
 * `(x − zero_point) · scale` in float32 (ONNX `DequantizeLinear`).
 *
 * Inputs: x of whole numbers, scale, zero point (0 without it); both scalars, or vectors along `axis`.
 */
export const dequantizeLinear = defineOperator({
  opType: 'DequantizeLinear',
  since: 13,
  inputs: [2, 3],
  attributes: { axis: { kind: 'int', default: 1 } },
  infer: (inputs, { axis }) => {
    checkParameters('DequantizeLinear', inputs, axis);
    return [{ dtype: 'float32', shape: required('DequantizeLinear', inputs, 0).shape }];
  },
  gradient: { notDifferentiable: 'its input is a whole number' },
  reference: (inputs, { axis }) => {
    const [x, scale] = [required('DequantizeLinear', inputs, 0), required('DequantizeLinear', inputs, 1)];
    const [scaleOf, zeroOf] = [parameterOf(scale, x, axis, 1), parameterOf(inputs[2], x, axis, 0)];
    return [ndarray(x.shape, (i) => ((x.data[i] ?? 0) - zeroOf(i)) * scaleOf(i))];
  },
});
