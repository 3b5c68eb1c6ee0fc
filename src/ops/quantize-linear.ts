import { required } from './infer.js';
import { defineOperator } from './operator.js';
import { checkParameters, INTEGER_RANGES, parameterOf } from './quantization.js';
import { ndarray } from './reference/ndarray.js';

/**
 * `saturate(round(x / scale) + zero_point)`, halves to even (ONNX `QuantizeLinear`).
 *
 * Inputs: x, scale, zero point (whose type is the result's; uint8 without it); both scalars, or vectors along `axis`.
 */
export const quantizeLinear = defineOperator({
  opType: 'QuantizeLinear',
  since: 13,
  inputs: [2, 3],
  attributes: { axis: { kind: 'int', default: 1 } },
  infer: (inputs, { axis }) => {
    checkParameters('QuantizeLinear', inputs, axis);
    const { shape } = required('QuantizeLinear', inputs, 0);
    return [{ dtype: inputs[2]?.dtype ?? 'uint8', shape }];
  },
  gradient: { notDifferentiable: 'its result is a whole number' },
  reference: (inputs, { axis }) => {
    const [x, scale] = [required('QuantizeLinear', inputs, 0), required('QuantizeLinear', inputs, 1)];
    const [scaleOf, zeroOf] = [parameterOf(scale, x, axis, 1), parameterOf(inputs[2], x, axis, 0)];
    // The reference kernel does not see types: a negative zero point tells int8 from uint8.
    const int8 = inputs[2]?.data.some((zero) => zero < 0) === true;
    const [low, high] = INTEGER_RANGES[int8 ? 'int8' : 'uint8'] ?? [0, 255];
    return [
      ndarray(x.shape, (i) =>
        Math.min(high, Math.max(low, roundEven((x.data[i] ?? 0) / scaleOf(i)) + zeroOf(i))),
      ),
    ];
  },
});

function roundEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
