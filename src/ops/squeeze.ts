import { GraphError } from '../core/errors.js';
import { normalizeAxis, type Shape } from '../core/tensor.js';
import { constantInts, intsOf, required } from './infer.js';
import { defineOperator } from './operator.js';
import { reshaped } from './reference/ndarray.js';

const WHERE = 'Squeeze';

/** Removes constant axes of size 1; default: all of them (ONNX `Squeeze`). */
export const squeeze = defineOperator({
  opType: WHERE,
  since: 13,
  inputs: [1, 2],
  attributes: {},
  infer: (inputs, _, context) => {
    const { dtype, shape } = required(WHERE, inputs, 0);
    return [{ dtype, shape: removeOnes(shape, inputs[1] && constantInts(WHERE, inputs[1], context)) }];
  },
  gradient: ({ o, inputs, grads: [dy] }) =>
    dy === undefined ? [] : [o.reshape(dy, required(WHERE, inputs, 0).shape)],
  reference: (inputs) => {
    const x = required(WHERE, inputs, 0);
    return [reshaped(x, removeOnes(x.shape, inputs[1] && intsOf(inputs[1])))];
  },
});

function removeOnes(shape: Shape, given: readonly number[] | undefined): Shape {
  if (given === undefined) return shape.filter((size) => size !== 1);
  const axes = given.map((axis) => normalizeAxis(WHERE, axis, shape.length));
  if (axes.every((axis) => shape[axis] === 1)) return shape.filter((_, axis) => !axes.includes(axis));
  const received = `axes [${given.join(', ')}] of shape [${shape.join(', ')}]`;
  throw new GraphError({ where: WHERE, received, expected: 'axes of size 1' });
}
