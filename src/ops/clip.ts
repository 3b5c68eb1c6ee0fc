import { GraphError } from '../core/errors.js';
import { required, requireFloat, requireScalar, typeText } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray } from './reference/ndarray.js';

/**
 * `max(min, min(max, x))` with optional scalar bounds (ONNX `Clip`).
 *
 * Inputs: x, min (default −∞), max (default ∞). As in TensorFlow, the gradient passes on the bounds themselves
 * (PyTorch's versions differ); outside them it goes to the bound.
 */
export const clip = defineOperator({
  opType: 'Clip',
  since: 13,
  inputs: [1, 3],
  attributes: {},
  infer: (inputs) => {
    const x = requireFloat('Clip', required('Clip', inputs, 0));
    for (const bound of inputs.slice(1)) {
      if (bound === undefined) continue;
      if (requireScalar('Clip', 'a bound', bound).dtype === x.dtype) continue;
      const expected = `bounds of type ${x.dtype}`;
      throw new GraphError({ where: 'Clip', received: `a bound ${typeText(bound)}`, expected });
    }
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  gradient: ({ o, inputs, grads: [dy], needs }) => {
    if (dy === undefined) return [];
    const [x, min, max] = [required('Clip', inputs, 0), inputs[1], inputs[2]];
    const above = min && o.isNonNegative(o.sub(x, min));
    const below = max && o.isNonNegative(o.sub(max, x));
    const masks = [above, below].filter((mask) => mask !== undefined);
    return [
      masks.reduce((grad, mask) => o.mul(grad, mask), dy),
      needs[1] === true && above !== undefined ? o.mul(dy, o.sub(1, above)) : undefined,
      needs[2] === true && below !== undefined ? o.mul(dy, o.sub(1, below)) : undefined,
    ];
  },
  reference: (inputs) => {
    const [min, max] = [inputs[1]?.data[0] ?? -Infinity, inputs[2]?.data[0] ?? Infinity];
    return [mapArray(required('Clip', inputs, 0), (x) => Math.min(max, Math.max(min, x)))];
  },
});
