import type { Value } from '../onnx/graph.js';
import type { Emitter } from './emitter.js';
import { floatBroadcastType, required } from './infer.js';
import { defineOperator } from './operator.js';
import { zipArrays } from './reference/ndarray.js';

/**
 * Element-wise aᵇ with broadcasting (ONNX `Pow`).
 *
 * As in PyTorch, an exponent 0 gives the base a zero gradient, and a base 0 the exponent; the gradient with
 * respect to the exponent of a negative base is NaN.
 */
export const pow = defineOperator({
  opType: 'Pow',
  since: 15,
  inputs: [2, 2],
  attributes: {},
  infer: floatBroadcastType('Pow'),
  // d(aᵇ) = b·aᵇ⁻¹·da + aᵇ·log a·db
  gradient: ({ o, inputs, outputs, grads: [dy], needs }) => {
    if (dy === undefined) return [];
    const [a, b] = [required('Pow', inputs, 0), required('Pow', inputs, 1)];
    return [
      needs[0] === true ? o.mul(dy, baseSlope(o, a, b)) : undefined,
      needs[1] === true ? o.mul(dy, exponentSlope(o, a, required('Pow', outputs, 0))) : undefined,
    ];
  },
  reference: (inputs) => [zipArrays(required('Pow', inputs, 0), required('Pow', inputs, 1), Math.pow)],
});

function baseSlope(o: Emitter, a: Value, b: Value): Value {
  const constant = o.builder.constantOf(b);
  const exponent = constant?.data.length === 1 ? Number(constant.data[0]) : undefined;
  if (exponent === 2) return o.mul(a, 2);
  if (exponent === undefined) {
    const slope = o.mul(b, o.op('Pow', [a, o.sub(b, 1)]));
    return o.where(o.op('Equal', [b, o.scalar(0)]), 0, slope);
  }
  // Without this, 0·a⁻¹ is NaN where a = 0.
  return exponent === 0 ? o.mul(a, 0) : o.mul(o.op('Pow', [a, o.scalar(exponent - 1)]), exponent);
}

function exponentSlope(o: Emitter, a: Value, y: Value): Value {
  return o.where(o.op('Equal', [a, o.scalar(0)]), 0, o.mul(y, o.log(a)));
}
