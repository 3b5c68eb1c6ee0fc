import type { Shape } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import type { Emitter } from './emitter.js';
import { required, sameType } from './infer.js';
import { defineOperator } from './operator.js';
import { ndarray } from './reference/ndarray.js';

const WHERE = 'BatchNormalization';

/**
 * Batch normalization by given statistics (ONNX `BatchNormalization`, inference mode;
 * Ioffe & Szegedy 2015): `(x − mean) / √(variance + epsilon) · scale + bias`.
 *
 * Inputs: x `[N, C, …]`, then scale, bias, mean and variance, each `[C]`. Keras's epsilon is 1e-3, ONNX's default 1e-5.
 */
export const batchNormalization = defineOperator({
  opType: WHERE,
  since: 15,
  inputs: [5, 5],
  attributes: { epsilon: { kind: 'float', default: 1e-5 } },
  infer: sameType(WHERE),
  gradient: ({ o, inputs, grads: [dy], attributes: { epsilon }, needs }) => {
    if (dy === undefined) return [];
    const [x, scale, , mean, variance] = [0, 1, 2, 3, 4].map((i) => required(WHERE, inputs, i)) as Five;
    const inverse = o.reciprocal(o.sqrt(o.add(variance, epsilon)));
    const axes = reducedAxes(x.shape);
    const normalized = () => o.mul(o.sub(x, perChannel(o, mean, x.shape)), perChannel(o, inverse, x.shape));
    return [
      needs[0] === true ? o.mul(dy, perChannel(o, o.mul(scale, inverse), x.shape)) : undefined,
      needs[1] === true ? o.reduceSum(o.mul(dy, normalized()), axes, false) : undefined,
      needs[2] === true ? o.reduceSum(dy, axes, false) : undefined,
    ];
  },
  reference: (inputs, { epsilon }) => {
    const x = required(WHERE, inputs, 0);
    const plane = x.shape.slice(2).reduce((a, b) => a * b, 1);
    const channels = x.shape[1] ?? 1;
    const per = (i: number, c: number) => required(WHERE, inputs, i).data[c] ?? 0;
    return [
      ndarray(x.shape, (i) => {
        const c = Math.floor(i / plane) % channels;
        return (((x.data[i] ?? 0) - per(3, c)) / Math.sqrt(per(4, c) + epsilon)) * per(1, c) + per(2, c);
      }),
    ];
  },
});

type Five = [Value, Value, Value, Value, Value];

/** All axes but the channel axis 1. */
export function reducedAxes(shape: Shape): number[] {
  return shape.map((_, axis) => axis).filter((axis) => axis !== 1);
}

/** A `[C]` vector as `[1, C, 1, …]`, to broadcast against `[N, C, …]`. */
export function perChannel(o: Emitter, vector: Value, shape: Shape): Value {
  return o.reshape(
    vector,
    shape.map((size, axis) => (axis === 1 ? size : 1)),
  );
}
