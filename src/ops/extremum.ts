import { broadcastShapes } from '../core/tensor.js';
import type { TypeInfo, Value } from '../onnx/graph.js';
import { required, requireDtype, requireFloat } from './infer.js';
import { defineOperator, type GradientContext, type Operator } from './operator.js';
import { zipArrays } from './reference/ndarray.js';

/** Defines `Max` or `Min`: one output from any number of operands; tied operands share the gradient equally. */
export function defineExtremum(opType: string, pick: (x: number, y: number) => number): Operator {
  return defineOperator({
    opType,
    since: 13,
    inputs: [1, Infinity],
    attributes: {},
    infer: (inputs) => [operandType(opType, inputs)],
    gradient: (context) => shares(opType, context),
    reference: (inputs) => [
      inputs.map((_, i) => required(opType, inputs, i)).reduce((a, b) => zipArrays(a, b, pick)),
    ],
  });
}

/** dxᵢ = dy·[xᵢ = y] / number of operands equal to y. */
function shares(opType: string, { o, inputs, outputs, grads: [dy] }: GradientContext<unknown>): Value[] {
  if (dy === undefined) return [];
  const y = required(opType, outputs, 0);
  const masks = inputs.map((_, i) => o.cast(o.op('Equal', [required(opType, inputs, i), y]), y.dtype));
  const share = o.div(
    dy,
    masks.reduce((sum, mask) => o.add(sum, mask)),
  );
  return masks.map((mask) => o.mul(share, mask));
}

function operandType(where: string, inputs: readonly (Value | undefined)[]): TypeInfo {
  const { dtype, shape } = requireFloat(where, required(where, inputs, 0));
  const shapes = inputs.map((_, i) => requireDtype(where, required(where, inputs, i), dtype).shape);
  return { dtype, shape: shapes.reduce((a, b) => broadcastShapes(where, a, b), shape) };
}
