import type { Shape } from '../core/tensor.js';
import { float32 } from '../core/tensor.js';
import type { ConvGeometry } from './conv-geometry.js';
import { required, requireFloat } from './infer.js';
import { defineOperator } from './operator.js';
import {
  POOL_ATTRIBUTES,
  POOL_REFUSED,
  pooledShape,
  poolGeometry,
  requireExplicit,
  type PoolAttributes,
} from './pool-geometry.js';
import { forEachTap } from './reference/conv.js';
import { ndarray } from './reference/ndarray.js';

const FORWARD = 'AveragePool';
const BACKWARD = 'AveragePoolGrad';
const ATTRIBUTES = { ...POOL_ATTRIBUTES, count_include_pad: { kind: 'int', default: 0 } } as const;

/**
 * Mean over windows: `[N, C, H, W] → [N, C, Ho, Wo]` (ONNX `AveragePool`).
 *
 * By default only pixels of the image count; with `count_include_pad` the border's zeros do too.
 */
export const averagePool = defineOperator({
  opType: FORWARD,
  since: 11,
  inputs: [1, 1],
  attributes: { ...ATTRIBUTES, ...POOL_REFUSED },
  infer: (inputs, attributes) => {
    requireExplicit(FORWARD, attributes);
    const { dtype, shape } = requireFloat(FORWARD, required(FORWARD, inputs, 0));
    return [{ dtype, shape: pooledShape(shape, poolGeometry(FORWARD, shape, attributes)) }];
  },
  gradient: ({ o, inputs, grads: [dy], attributes }) => {
    if (dy === undefined) return [];
    const { kernel_shape, strides, pads, count_include_pad } = attributes;
    const input_size = required(FORWARD, inputs, 0).shape.slice(2);
    return [o.own(BACKWARD, [dy], { kernel_shape, strides, pads, count_include_pad, input_size })];
  },
  reference: (inputs, attributes) => {
    const x = required(FORWARD, inputs, 0);
    const g = poolGeometry(FORWARD, x.shape, attributes);
    const counts = windowCounts(g, attributes.count_include_pad !== 0);
    const y = ndarray(pooledShape(x.shape, g));
    forEachTap(g, (out, input) => {
      y.data[out] = (y.data[out] ?? 0) + (x.data[input] ?? 0) / (counts[out % counts.length] ?? 1);
    });
    return [y];
  },
});

/** Gradient of {@link averagePool}. Input: dy `[N, C, Ho, Wo]`; output `[N, C, H, W]` with `input_size` = [H, W]. */
export const averagePoolGrad = defineOperator({
  opType: BACKWARD,
  domain: 'mien',
  since: 1,
  inputs: [1, 1],
  attributes: { ...ATTRIBUTES, input_size: { kind: 'ints', required: true } },
  infer: (inputs, attributes) => {
    const { dtype, shape } = required(BACKWARD, inputs, 0);
    return [{ dtype, shape: inputShape(shape, attributes) }];
  },
  gradient: { notDifferentiable: 'second derivatives are not needed' },
  reference: (inputs, attributes) => {
    const dy = required(BACKWARD, inputs, 0);
    const dx = ndarray(inputShape(dy.shape, attributes));
    const g = poolGeometry(BACKWARD, dx.shape, attributes);
    const counts = windowCounts(g, attributes.count_include_pad !== 0);
    forEachTap(g, (out, input) => {
      const share = (dy.data[out] ?? 0) / (counts[out % counts.length] ?? 1);
      dx.data[input] = (dx.data[input] ?? 0) + share;
    });
    return [dx];
  },
  // Shares dy/count, spread by the gradient of a convolution with a kernel of ones over N·C planes.
  decompose: ({ o, inputs, attributes }) => {
    const dy = required(BACKWARD, inputs, 0);
    const shape = inputShape(dy.shape, attributes);
    const g = poolGeometry(BACKWARD, shape, attributes);
    const weights = Array.from(windowCounts(g, attributes.count_include_pad !== 0), (count) => 1 / count);
    const scale = o.builder.constant(float32(weights, [1, 1, g.ho, g.wo]));
    const shares = o.reshape(o.mul(dy, scale), [g.n, 1, g.ho, g.wo]);
    const ones = o.builder.constant(float32(new Array<number>(g.kh * g.kw).fill(1), [1, 1, g.kh, g.kw]));
    const { strides, pads, input_size } = attributes;
    return [o.reshape(o.own('ConvInputGrad', [ones, shares], { strides, pads, input_size }), shape)];
  },
});

function inputShape(dy: Shape, attributes: PoolAttributes & { input_size: readonly number[] }): Shape {
  return [...dy.slice(0, 2), ...attributes.input_size];
}

/** What the sum over each window of one plane is divided by. */
function windowCounts(g: ConvGeometry, withBorder: boolean): Float64Array {
  const counts = new Float64Array(g.ho * g.wo);
  if (withBorder) return counts.fill(g.kh * g.kw);
  forEachTap({ ...g, n: 1 }, (out) => (counts[out] = (counts[out] ?? 0) + 1));
  return counts;
}
