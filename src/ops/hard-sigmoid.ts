import { required, sameType } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray } from './reference/ndarray.js';

/**
 * `max(0, min(1, alpha·x + beta))` (ONNX `HardSigmoid`).
 *
 * ONNX's default slope is 0.2; Keras 3 and MobileNetV3 use 1/6, which must be given.
 */
export const hardSigmoid = defineOperator({
  opType: 'HardSigmoid',
  since: 6,
  inputs: [1, 1],
  attributes: { alpha: { kind: 'float', default: 0.2 }, beta: { kind: 'float', default: 0.5 } },
  infer: sameType('HardSigmoid'),
  gradient: ({ o, outputs, grads: [dy], attributes: { alpha } }) => {
    if (dy === undefined) return [];
    const inside = o.own('IsInside01', [required('HardSigmoid', outputs, 0)]);
    return [o.mul(o.mul(dy, alpha), inside)];
  },
  reference: (inputs, { alpha, beta }) => [
    mapArray(required('HardSigmoid', inputs, 0), (x) => Math.max(0, Math.min(1, alpha * x + beta))),
  ],
});

/** 2²²: steps of one float32 ulp below 1 already saturate. */
const STEEP = 2 ** 22;

/** 1 where 0 < s < 1, else 0: the derivative mask of functions clipped to the unit interval. */
export const isInside01 = defineOperator({
  opType: 'IsInside01',
  domain: 'mien',
  since: 1,
  inputs: [1, 1],
  attributes: {},
  infer: sameType('IsInside01'),
  gradient: { notDifferentiable: 'a step function' },
  reference: (inputs) => [mapArray(required('IsInside01', inputs, 0), (s) => (s > 0 && s < 1 ? 1 : 0))],
  // ceil(s) − floor(s) on [0, 1], with the steps as steep HardSigmoids.
  decompose: ({ o, inputs }) => {
    const s = required('IsInside01', inputs, 0);
    return [o.sub(o.hardSigmoid(s, STEEP, 0), o.hardSigmoid(s, STEEP, 1 - STEEP))];
  },
});
