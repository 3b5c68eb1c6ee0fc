import { GraphError } from '../core/errors.js';
import { stridesOf, type Shape } from '../core/tensor.js';
import { required } from './infer.js';
import { defineOperator } from './operator.js';
import { gatherStrided } from './reference/ndarray.js';

/** Axes in another order: axis i of the output is axis `perm[i]` of the input; default: reversed (ONNX `Transpose`). */
export const transpose = defineOperator({
  opType: 'Transpose',
  since: 13,
  inputs: [1, 1],
  attributes: { perm: { kind: 'ints' } },
  infer: (inputs, attributes) => {
    const { dtype, shape } = required('Transpose', inputs, 0);
    return [{ dtype, shape: permutation(shape, attributes.perm).map((axis) => shape[axis] ?? 1) }];
  },
  // The gradient goes back through the inverse permutation.
  gradient: ({ o, inputs, grads: [dy], attributes }) => {
    const perm = permutation(required('Transpose', inputs, 0).shape, attributes.perm);
    return dy === undefined
      ? []
      : [
          o.transpose(
            dy,
            perm.map((_, axis) => perm.indexOf(axis)),
          ),
        ];
  },
  reference: (inputs, attributes) => {
    const x = required('Transpose', inputs, 0);
    const perm = permutation(x.shape, attributes.perm);
    const strides = stridesOf(x.shape);
    const take = (from: readonly number[]) => perm.map((axis) => from[axis] ?? 1);
    return [gatherStrided(x, take(x.shape), take(strides))];
  },
});

function permutation(shape: Shape, perm: readonly number[] | undefined): readonly number[] {
  const axes = shape.map((_, axis) => axis);
  if (perm === undefined) return axes.reverse();
  if (perm.length === axes.length && axes.every((axis) => perm.includes(axis))) return perm;
  const received = `perm [${perm.join(', ')}] for shape [${shape.join(', ')}]`;
  throw new GraphError({ where: 'Transpose', received, expected: `a permutation of ${axes.length} axes` });
}
