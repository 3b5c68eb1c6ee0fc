import { GraphError } from '../core/errors.js';
import { float32, sameShape } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import type { ConvGeometry } from './conv-geometry.js';
import type { Emitter } from './emitter.js';
import { required, requireFloat, typeText } from './infer.js';
import { defineOperator } from './operator.js';
import {
  POOL_ATTRIBUTES,
  POOL_REFUSED,
  pooledShape,
  poolGeometry,
  requireExplicit,
} from './pool-geometry.js';
import { forEachTap } from './reference/conv.js';
import { ndarray } from './reference/ndarray.js';

const FORWARD = 'MaxPool';
const BACKWARD = 'MaxPoolGrad';
const ATTRIBUTES = { ...POOL_ATTRIBUTES, dilations: { kind: 'ints', default: [1, 1] } } as const;

/** Near float32's lowest value: finite, because −∞ · 0 is NaN. */
const LOWEST = -3e38;

/**
 * Maximum over windows: `[N, C, H, W] → [N, C, Ho, Wo]` (ONNX `MaxPool`, first output only).
 *
 * Among tied maxima the first of the window in row-major order takes the gradient, as in PyTorch and TensorFlow.
 */
export const maxPool = defineOperator({
  opType: FORWARD,
  since: 12,
  inputs: [1, 1],
  attributes: { ...ATTRIBUTES, ...POOL_REFUSED },
  infer: (inputs, attributes) => {
    requireExplicit(FORWARD, attributes);
    const { dtype, shape } = requireFloat(FORWARD, required(FORWARD, inputs, 0));
    return [{ dtype, shape: pooledShape(shape, poolGeometry(FORWARD, shape, attributes)) }];
  },
  gradient: ({ o, inputs, outputs, grads: [dy], attributes }) => {
    if (dy === undefined) return [];
    const { kernel_shape, strides, pads, dilations } = attributes;
    const parts = [required(FORWARD, inputs, 0), required(FORWARD, outputs, 0), dy];
    return [o.own(BACKWARD, parts, { kernel_shape, strides, pads, dilations })];
  },
  reference: (inputs, attributes) => {
    const x = required(FORWARD, inputs, 0);
    const g = poolGeometry(FORWARD, x.shape, attributes);
    const y = ndarray(pooledShape(x.shape, g), () => -Infinity);
    forEachTap(g, (out, input) => (y.data[out] = Math.max(y.data[out] ?? 0, x.data[input] ?? 0)));
    return [y];
  },
});

/** Gradient of {@link maxPool}. Inputs: x, y, dy; output like x. */
export const maxPoolGrad = defineOperator({
  opType: BACKWARD,
  domain: 'mien',
  since: 1,
  inputs: [3, 3],
  attributes: ATTRIBUTES,
  infer: (inputs, attributes) => {
    const { dtype, shape } = required(BACKWARD, inputs, 0);
    const expected = pooledShape(shape, poolGeometry(BACKWARD, shape, attributes));
    for (const i of [1, 2]) requireShape(required(BACKWARD, inputs, i), expected);
    return [{ dtype, shape }];
  },
  gradient: { notDifferentiable: 'second derivatives are not needed' },
  reference: (inputs, attributes) => {
    const [x, y] = [required(BACKWARD, inputs, 0), required(BACKWARD, inputs, 1)];
    const dy = required(BACKWARD, inputs, 2);
    const dx = ndarray(x.shape);
    const given = new Uint8Array(dy.data.length);
    forEachTap(poolGeometry(BACKWARD, x.shape, attributes), (out, input) => {
      if (given[out] === 1 || x.data[input] !== y.data[out]) return;
      given[out] = 1;
      dx.data[input] = (dx.data[input] ?? 0) + (dy.data[out] ?? 0);
    });
    return [dx];
  },
  decompose: ({ o, inputs, attributes }) => {
    const [x, y] = [required(BACKWARD, inputs, 0), required(BACKWARD, inputs, 1)];
    const g = poolGeometry(BACKWARD, x.shape, attributes);
    const plane = (value: Value) => o.reshape(value, [g.n, 1, g.ho, g.wo]);
    const isMax = o.isNonNegative(o.sub(windows(o, x, g), plane(y)));
    const shares = o.mul(firstOf(o, isMax), plane(required(BACKWARD, inputs, 2)));
    const { strides, pads, dilations } = attributes;
    const input_size = [g.h, g.w];
    const spread = o.own('ConvInputGrad', [oneHotKernels(o, g), shares], {
      strides,
      pads,
      dilations,
      input_size,
    });
    return [o.reshape(spread, x.shape)];
  },
});

/** The pixels of all windows: `[N·C, kh·kw, Ho, Wo]`. */
function windows(o: Emitter, x: Value, g: ConvGeometry): Value {
  const planes = o.reshape(x, [g.n, 1, g.h, g.w]);
  const pads = [0, 0, g.top, g.left, 0, 0, g.bottom, g.right];
  const padded = pads.some((size) => size > 0) ? o.pad(planes, pads, LOWEST) : planes;
  const taps = Array.from({ length: g.kh * g.kw }, (_, tap) => {
    const [row, column] = [Math.floor(tap / g.kw) * g.dh, (tap % g.kw) * g.dw];
    const ends = [row + (g.ho - 1) * g.sh + 1, column + (g.wo - 1) * g.sw + 1];
    return o.slice(padded, [row, column], ends, [2, 3], [g.sh, g.sw]);
  });
  return o.concat(taps, 1);
}

/** 1 only at the first 1 along axis 1: max(0, mask − number of ones before), the count as a 1×1 convolution. */
function firstOf(o: Emitter, mask: Value): Value {
  const taps = mask.shape[1] ?? 1;
  const sign = (row: number, column: number) => (row === column ? 1 : column < row ? -1 : 0);
  const weights = Array.from({ length: taps * taps }, (_, i) => sign(Math.floor(i / taps), i % taps));
  return o.relu(o.op('Conv', [mask, o.builder.constant(float32(weights, [taps, taps, 1, 1]))]));
}

/** `[kh·kw, 1, kh, kw]`: kernel t has its only 1 at tap t. */
function oneHotKernels(o: Emitter, { kh, kw }: ConvGeometry): Value {
  const taps = kh * kw;
  const weights = Array.from({ length: taps * taps }, (_, i) => (i % (taps + 1) === 0 ? 1 : 0));
  return o.builder.constant(float32(weights, [taps, 1, kh, kw]));
}

function requireShape(value: Value, shape: readonly number[]): void {
  if (sameShape(value.shape, shape)) return;
  const expected = `shape [${shape.join(', ')}]`;
  throw new GraphError({ where: BACKWARD, received: typeText(value), expected });
}
