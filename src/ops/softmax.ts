import { normalizeAxis } from '../core/tensor.js';
import { floatType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { foldOver, mapArray, sumOver, zipArrays, type NdArray } from './reference/ndarray.js';

/** `eˣ / Σ eˣ` along one axis (ONNX `Softmax`). */
export const softmax = defineOperator({
  opType: 'Softmax',
  since: 13,
  inputs: [1, 1],
  attributes: { axis: { kind: 'int', default: -1 } },
  infer: (inputs, attributes) => {
    normalizeAxis('Softmax', attributes.axis, required('Softmax', inputs, 0).shape.length);
    return floatType('Softmax')(inputs);
  },
  // dx = y·(dy − Σ dy·y)
  gradient: ({ o, outputs, grads: [dy], attributes: { axis } }) => {
    const y = required('Softmax', outputs, 0);
    return dy === undefined ? [] : [o.mul(y, o.sub(dy, o.reduceSum(o.mul(dy, y), [axis])))];
  },
  reference: (inputs, { axis }) => {
    const x = required('Softmax', inputs, 0);
    return [mapArray(logSoftmaxArray(x, normalizeAxis('Softmax', axis, x.shape.length)), Math.exp)];
  },
});

/** `x − max − log Σ e^(x − max)` along an axis. */
export function logSoftmaxArray(x: NdArray, axis: number): NdArray {
  const shifted = zipArrays(x, foldOver(x, [axis], -Infinity, Math.max), (a, b) => a - b);
  const total = sumOver(mapArray(shifted, Math.exp), [axis]);
  return zipArrays(shifted, total, (a, sum) => a - Math.log(sum));
}
