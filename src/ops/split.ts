import { GraphError } from '../core/errors.js';
import { normalizeAxis, stridesOf, type Shape } from '../core/tensor.js';
import { constantInts, intsOf, required } from './infer.js';
import { defineOperator } from './operator.js';
import { gatherStrided } from './reference/ndarray.js';

/**
 * Cuts along an axis into `num_outputs` parts (the last may be smaller) or into parts of the constant
 * sizes of the second input (ONNX `Split`).
 */
export const split = defineOperator({
  opType: 'Split',
  since: 18,
  inputs: [1, 2],
  attributes: { axis: { kind: 'int', default: 0 }, num_outputs: { kind: 'int' } },
  infer: (inputs, attributes, context) => {
    const { dtype, shape } = required('Split', inputs, 0);
    const axis = normalizeAxis('Split', attributes.axis, shape.length);
    const given = inputs[1] && constantInts('Split', inputs[1], context);
    const sizes = partSizes(shape[axis] ?? 0, given, attributes.num_outputs);
    return sizes.map((size) => ({ dtype, shape: withSize(shape, axis, size) }));
  },
  // Parts without a gradient count as zeros.
  gradient: ({ o, outputs, grads, attributes: { axis } }) => {
    if (grads.every((dy) => dy === undefined)) return [];
    return [
      o.concat(
        outputs.map((part, i) => grads[i] ?? o.zeros(part.shape)),
        axis,
      ),
    ];
  },
  reference: (inputs, attributes) => {
    const x = required('Split', inputs, 0);
    const axis = normalizeAxis('Split', attributes.axis, x.shape.length);
    const sizes = partSizes(x.shape[axis] ?? 0, inputs[1] && intsOf(inputs[1]), attributes.num_outputs);
    const strides = stridesOf(x.shape);
    let start = 0;
    return sizes.map((size) => {
      const part = gatherStrided(x, withSize(x.shape, axis, size), strides, start * (strides[axis] ?? 0));
      start += size;
      return part;
    });
  },
});

function withSize(shape: Shape, axis: number, size: number): Shape {
  return shape.map((own, i) => (i === axis ? size : own));
}

function partSizes(
  total: number,
  given: readonly number[] | undefined,
  parts: number | undefined,
): readonly number[] {
  if ((given === undefined) === (parts === undefined)) {
    const received = given === undefined ? 'neither' : 'both';
    throw new GraphError({ where: 'Split', received, expected: 'either sizes or num_outputs' });
  }
  const sizes = given ?? evenSizes(total, parts ?? 1);
  const sum = sizes.reduce((a, b) => a + b, 0);
  if (sum === total && sizes.every((size) => size > 0)) return sizes;
  const received = `sizes ${sizes.join(', ')}`;
  throw new GraphError({ where: 'Split', received, expected: `positive sizes that add up to ${total}` });
}

function evenSizes(total: number, parts: number): number[] {
  const size = Math.ceil(total / parts);
  return Array.from({ length: parts }, (_, i) => Math.min(size, total - i * size));
}
