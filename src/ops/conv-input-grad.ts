import { CONV_ATTRIBUTES, convGeometry, type ConvAttributes, type ConvGeometry } from './conv-geometry.js';
import { required } from './infer.js';
import { defineOperator } from './operator.js';
import { forEachTap } from './reference/conv.js';
import { ndarray } from './reference/ndarray.js';
import type { Shape } from '../core/tensor.js';

const WHERE = 'ConvInputGrad';

/**
 * Gradient of a convolution with respect to its input.
 *
 * Inputs: weights `[K, C/group, kh, kw]`, dy `[N, K, Ho, Wo]`; output `[N, C, H, W]` with `input_size` = [H, W].
 */
export const convInputGrad = defineOperator({
  opType: WHERE,
  domain: 'mien',
  since: 1,
  inputs: [2, 2],
  attributes: { ...CONV_ATTRIBUTES, input_size: { kind: 'ints', required: true } },
  infer: (inputs, attributes) => {
    const [w, dy] = [required(WHERE, inputs, 0), required(WHERE, inputs, 1)];
    const g = inputGradGeometry(w.shape, dy.shape, attributes);
    return [{ dtype: dy.dtype, shape: [g.n, g.c, g.h, g.w] }];
  },
  gradient: { notDifferentiable: 'second derivatives are not needed' },
  reference: (inputs, attributes) => {
    const [w, dy] = [required(WHERE, inputs, 0), required(WHERE, inputs, 1)];
    const g = inputGradGeometry(w.shape, dy.shape, attributes);
    const dx = ndarray([g.n, g.c, g.h, g.w]);
    forEachTap(g, (out, input, weight) => {
      dx.data[input] = (dx.data[input] ?? 0) + (dy.data[out] ?? 0) * (w.data[weight] ?? 0);
    });
    return [dx];
  },
  // A transposed convolution; output_padding restores the rows and columns that the stride skipped.
  decompose: ({ o, inputs, attributes }) => {
    const [w, dy] = [required(WHERE, inputs, 0), required(WHERE, inputs, 1)];
    const g = inputGradGeometry(w.shape, dy.shape, attributes);
    const { strides, pads, dilations, group } = attributes;
    const extra = [
      g.h + g.top + g.bottom - ((g.ho - 1) * g.sh + g.dh * (g.kh - 1) + 1),
      g.w + g.left + g.right - ((g.wo - 1) * g.sw + g.dw * (g.kw - 1) + 1),
    ];
    return [o.op('ConvTranspose', [dy, w], { strides, pads, dilations, group, output_padding: extra })];
  },
});

/** The geometry of the convolution whose input gradient is computed. */
export function inputGradGeometry(
  weights: Shape,
  dy: Shape,
  attributes: ConvAttributes & { readonly input_size: readonly number[] },
): ConvGeometry {
  const channels = (weights[1] ?? 0) * attributes.group;
  return convGeometry(WHERE, [dy[0] ?? 0, channels, ...attributes.input_size], weights, attributes);
}
