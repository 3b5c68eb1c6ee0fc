import { GraphError } from '../core/errors.js';
import type { Shape } from '../core/tensor.js';
import { required, requireFloat } from './infer.js';
import { defineOperator } from './operator.js';
import { countOver, keptShape } from './reduction.js';
import { mapArray, sumOver } from './reference/ndarray.js';

const WHERE = 'GlobalAveragePool';

/** Mean over all spatial axes: `[N, C, H, W] → [N, C, 1, 1]` (ONNX `GlobalAveragePool`). */
export const globalAveragePool = defineOperator({
  opType: WHERE,
  since: 1,
  inputs: [1, 1],
  attributes: {},
  infer: (inputs) => {
    const { dtype, shape } = requireFloat(WHERE, required(WHERE, inputs, 0));
    return [{ dtype, shape: keptShape(shape, spatialAxes(shape)) }];
  },
  // Every pixel of a plane takes an equal share.
  gradient: ({ o, inputs, grads: [dy] }) => {
    if (dy === undefined) return [];
    const { shape } = required(WHERE, inputs, 0);
    return [o.expand(o.mul(dy, 1 / countOver(shape, spatialAxes(shape))), shape)];
  },
  reference: (inputs) => {
    const x = required(WHERE, inputs, 0);
    const axes = spatialAxes(x.shape);
    return [mapArray(sumOver(x, axes), (sum) => sum / countOver(x.shape, axes))];
  },
});

function spatialAxes(shape: Shape): number[] {
  if (shape.length >= 3) return shape.slice(2).map((_, i) => i + 2);
  throw new GraphError({
    where: WHERE,
    received: `[${shape.join(', ')}]`,
    expected: '[N, C, …] with pixels',
  });
}
