import { GraphError } from '../core/errors.js';
import { sizeOf, type Shape } from '../core/tensor.js';
import { constantInts, intsOf, required } from './infer.js';
import { defineOperator } from './operator.js';
import { reshaped } from './reference/ndarray.js';

/** The same elements under a constant shape, in which 0 copies an axis and one −1 takes what is left (ONNX `Reshape`). */
export const reshape = defineOperator({
  opType: 'Reshape',
  since: 14,
  inputs: [2, 2],
  attributes: { allowzero: { kind: 'int', default: 0 } },
  infer: (inputs, { allowzero }, context) => {
    const { dtype, shape } = required('Reshape', inputs, 0);
    const target = constantInts('Reshape', required('Reshape', inputs, 1), context);
    return [{ dtype, shape: targetShape(shape, target, allowzero !== 0) }];
  },
  gradient: ({ o, inputs, grads: [dy] }) =>
    dy === undefined ? [] : [o.reshape(dy, required('Reshape', inputs, 0).shape)],
  reference: (inputs, { allowzero }) => {
    const x = required('Reshape', inputs, 0);
    return [reshaped(x, targetShape(x.shape, intsOf(required('Reshape', inputs, 1)), allowzero !== 0))];
  },
});

function targetShape(shape: Shape, target: readonly number[], keepZeros: boolean): Shape {
  const copied = target.map((size, axis) => (size === 0 && !keepZeros ? (shape[axis] ?? 0) : size));
  const known = sizeOf(copied.filter((size) => size !== -1));
  const resolved = copied.map((size) => (size === -1 ? sizeOf(shape) / known : size));
  const valid = resolved.every((size) => Number.isInteger(size) && size >= 0);
  const unknowns = copied.filter((size) => size === -1).length;
  if (valid && unknowns <= 1 && sizeOf(resolved) === sizeOf(shape)) return resolved;
  throw new GraphError({
    where: 'Reshape',
    received: `shape [${shape.join(', ')}] to [${target.join(', ')}]`,
    expected: `a shape of ${sizeOf(shape)} elements`,
  });
}
