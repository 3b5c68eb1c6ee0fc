import { normalizeAxis, sizeOf, type Shape } from '../core/tensor.js';
import { required } from './infer.js';
import { defineOperator } from './operator.js';
import { reshaped } from './reference/ndarray.js';

/** A matrix of the axes before `axis` by the axes from it on (ONNX `Flatten`). */
export const flatten = defineOperator({
  opType: 'Flatten',
  since: 13,
  inputs: [1, 1],
  attributes: { axis: { kind: 'int', default: 1 } },
  infer: (inputs, { axis }) => {
    const { dtype, shape } = required('Flatten', inputs, 0);
    return [{ dtype, shape: matrixShape(shape, axis) }];
  },
  gradient: ({ o, inputs, grads: [dy] }) =>
    dy === undefined ? [] : [o.reshape(dy, required('Flatten', inputs, 0).shape)],
  reference: (inputs, { axis }) => {
    const x = required('Flatten', inputs, 0);
    return [reshaped(x, matrixShape(x.shape, axis))];
  },
});

function matrixShape(shape: Shape, axis: number): Shape {
  // One past the last axis is allowed: a column of everything.
  const cut = normalizeAxis('Flatten', axis < 0 ? axis + shape.length : axis, shape.length + 1);
  return [sizeOf(shape.slice(0, cut)), sizeOf(shape.slice(cut))];
}
