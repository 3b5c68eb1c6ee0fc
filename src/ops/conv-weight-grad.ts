import type { Shape } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import { CONV_ATTRIBUTES, convGeometry, type ConvAttributes, type ConvGeometry } from './conv-geometry.js';
import type { Emitter } from './emitter.js';
import { required } from './infer.js';
import { defineOperator } from './operator.js';
import { forEachTap } from './reference/conv.js';
import { ndarray } from './reference/ndarray.js';

const WHERE = 'ConvWeightGrad';

/**
 * Gradient of a convolution with respect to its weights.
 *
 * Inputs: x `[N, C, H, W]`, dy `[N, K, Ho, Wo]`; output `[K, C/group, kh, kw]` with `kernel_shape` = [kh, kw].
 */
export const convWeightGrad = defineOperator({
  opType: WHERE,
  domain: 'mien',
  since: 1,
  inputs: [2, 2],
  attributes: { ...CONV_ATTRIBUTES, kernel_shape: { kind: 'ints', required: true } },
  infer: (inputs, attributes) => {
    const [x, dy] = [required(WHERE, inputs, 0), required(WHERE, inputs, 1)];
    const g = weightGradGeometry(x.shape, dy.shape, attributes);
    return [{ dtype: dy.dtype, shape: [g.k, g.c / g.group, g.kh, g.kw] }];
  },
  gradient: { notDifferentiable: 'second derivatives are not needed' },
  reference: (inputs, attributes) => {
    const [x, dy] = [required(WHERE, inputs, 0), required(WHERE, inputs, 1)];
    const g = weightGradGeometry(x.shape, dy.shape, attributes);
    const dw = ndarray([g.k, g.c / g.group, g.kh, g.kw]);
    forEachTap(g, (out, input, weight) => {
      dw.data[weight] = (dw.data[weight] ?? 0) + (dy.data[out] ?? 0) * (x.data[input] ?? 0);
    });
    return [dw];
  },
  // A convolution over x with dy as its kernel, batch and channels exchanged, stride and dilation exchanged.
  decompose: ({ o, inputs, attributes }) => {
    const [x, dy] = [required(WHERE, inputs, 0), required(WHERE, inputs, 1)];
    const g = weightGradGeometry(x.shape, dy.shape, attributes);
    const cg = g.c / g.group;
    const grouped = o.transpose(o.reshape(x, [g.n, g.group, cg, g.h, g.w]), [2, 1, 0, 3, 4]);
    const image = o.reshape(grouped, [cg, g.group * g.n, g.h, g.w]);
    const kernel = o.transpose(dy, [1, 0, 2, 3]);
    const dw = convolveBack(o, g, image, kernel);
    return [o.transpose(dw, [1, 0, 2, 3])];
  },
});

/** Convolves so that exactly kh × kw positions result, cropping rows that no window of the forward pass reached. */
function convolveBack(o: Emitter, g: ConvGeometry, image: Value, kernel: Value): Value {
  const bottom = g.dh * (g.kh - 1) + g.sh * (g.ho - 1) + 1 - g.h - g.top;
  const right = g.dw * (g.kw - 1) + g.sw * (g.wo - 1) + 1 - g.w - g.left;
  const crop = bottom < 0 || right < 0;
  const ends = [g.h + Math.min(bottom, 0), g.w + Math.min(right, 0)];
  const used = crop ? o.slice(image, [0, 0], ends, [2, 3]) : image;
  return o.op('Conv', [used, kernel], {
    strides: [g.dh, g.dw],
    dilations: [g.sh, g.sw],
    pads: [g.top, g.left, Math.max(bottom, 0), Math.max(right, 0)],
    group: g.group,
  });
}

/** The geometry of the convolution whose weight gradient is computed. */
export function weightGradGeometry(
  x: Shape,
  dy: Shape,
  attributes: ConvAttributes & { readonly kernel_shape: readonly number[] },
): ConvGeometry {
  const weights = [dy[1] ?? 0, (x[1] ?? 0) / attributes.group, ...attributes.kernel_shape];
  return convGeometry(WHERE, x, weights, attributes);
}
