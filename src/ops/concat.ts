import { GraphError } from '../core/errors.js';
import { normalizeAxis } from '../core/tensor.js';
import type { TypeInfo, Value } from '../onnx/graph.js';
import { required, typeText } from './infer.js';
import { defineOperator } from './operator.js';
import { concatArrays } from './reference/concat.js';

/** Joins values along an axis; all other sizes are equal (ONNX `Concat`). */
export const concat = defineOperator({
  opType: 'Concat',
  since: 13,
  inputs: [1, Infinity],
  attributes: { axis: { kind: 'int', required: true } },
  infer: (inputs, attributes) => {
    const first = required('Concat', inputs, 0);
    const axis = normalizeAxis('Concat', attributes.axis, first.shape.length);
    const sizes = inputs.map((_, i) => checkPart(first, required('Concat', inputs, i), axis));
    const shape = first.shape.map((size, i) => (i === axis ? sizes.reduce((sum, s) => sum + s, 0) : size));
    return [{ dtype: first.dtype, shape }];
  },
  // Each part takes its slice of the gradient.
  gradient: ({ o, inputs, grads: [dy], attributes, needs }) => {
    if (dy === undefined) return [];
    const axis = normalizeAxis('Concat', attributes.axis, dy.shape.length);
    let start = 0;
    return inputs.map((input, i) => {
      const from = start;
      start += input?.shape[axis] ?? 0;
      return needs[i] === true ? o.slice(dy, [from], [start], [axis]) : undefined;
    });
  },
  reference: (inputs, attributes) => {
    const parts = inputs.map((_, i) => required('Concat', inputs, i));
    const axis = normalizeAxis('Concat', attributes.axis, parts[0]?.shape.length ?? 0);
    return [concatArrays(parts, axis)];
  },
});

function checkPart(first: TypeInfo, part: Value, axis: number): number {
  const fits =
    part.dtype === first.dtype &&
    part.shape.length === first.shape.length &&
    part.shape.every((size, i) => i === axis || size === first.shape[i]);
  if (fits) return part.shape[axis] ?? 0;
  const received = `${typeText(first)} and ${typeText(part)}`;
  throw new GraphError({
    where: 'Concat',
    received,
    expected: `equal types and sizes but along axis ${axis}`,
  });
}
