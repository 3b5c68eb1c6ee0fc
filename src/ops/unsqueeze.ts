import { GraphError } from '../core/errors.js';
import { normalizeAxis, type Shape } from '../core/tensor.js';
import { constantInts, intsOf, required } from './infer.js';
import { defineOperator } from './operator.js';
import { reshaped } from './reference/ndarray.js';

const WHERE = 'Unsqueeze';

/** Inserts axes of size 1 at constant positions of the output (ONNX `Unsqueeze`). */
export const unsqueeze = defineOperator({
  opType: WHERE,
  since: 13,
  inputs: [2, 2],
  attributes: {},
  infer: (inputs, _, context) => {
    const { dtype, shape } = required(WHERE, inputs, 0);
    return [{ dtype, shape: insertOnes(shape, constantInts(WHERE, required(WHERE, inputs, 1), context)) }];
  },
  gradient: ({ o, inputs, grads: [dy] }) =>
    dy === undefined ? [] : [o.reshape(dy, required(WHERE, inputs, 0).shape)],
  reference: (inputs) => {
    const x = required(WHERE, inputs, 0);
    return [reshaped(x, insertOnes(x.shape, intsOf(required(WHERE, inputs, 1))))];
  },
});

function insertOnes(shape: Shape, given: readonly number[]): Shape {
  const rank = shape.length + given.length;
  const axes = new Set(given.map((axis) => normalizeAxis(WHERE, axis, rank)));
  if (axes.size !== given.length) {
    const received = `axes [${given.join(', ')}]`;
    throw new GraphError({ where: WHERE, received, expected: 'each axis once' });
  }
  const rest = [...shape];
  return Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : (rest.shift() ?? 1)));
}
