import { normalizeAxis } from '../core/tensor.js';
import { floatType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { logSoftmaxArray } from './softmax.js';

/** `x − log Σ eˣ` along one axis, stable for large logits (ONNX `LogSoftmax`). */
export const logSoftmax = defineOperator({
  opType: 'LogSoftmax',
  since: 13,
  inputs: [1, 1],
  attributes: { axis: { kind: 'int', default: -1 } },
  infer: (inputs, attributes) => {
    normalizeAxis('LogSoftmax', attributes.axis, required('LogSoftmax', inputs, 0).shape.length);
    return floatType('LogSoftmax')(inputs);
  },
  // dx = dy − softmax(x)·Σ dy
  gradient: ({ o, outputs, grads: [dy], attributes: { axis } }) => {
    const y = required('LogSoftmax', outputs, 0);
    return dy === undefined ? [] : [o.sub(dy, o.mul(o.exp(y), o.reduceSum(dy, [axis])))];
  },
  reference: (inputs, { axis }) => {
    const x = required('LogSoftmax', inputs, 0);
    return [logSoftmaxArray(x, normalizeAxis('LogSoftmax', axis, x.shape.length))];
  },
});
