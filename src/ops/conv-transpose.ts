import type { Shape } from '../core/tensor.js';
import { CONV_ATTRIBUTES, convGeometry, type ConvAttributes, type ConvGeometry } from './conv-geometry.js';
import { required } from './infer.js';
import { defineOperator } from './operator.js';
import { forEachTap } from './reference/conv.js';
import { ndarray } from './reference/ndarray.js';

const WHERE = 'ConvTranspose';

/**
 * Transposed convolution (ONNX `ConvTranspose`), to which input gradients decompose.
 *
 * Inputs: x `[N, K, h, w]`, weights `[K, C/group, kh, kw]`; output `[N, C, H, W]`,
 * H = (h − 1)·stride + dilation·(kh − 1) + 1 + output_padding − pads.
 */
export const convTranspose = defineOperator({
  opType: WHERE,
  since: 11,
  inputs: [2, 2],
  attributes: { ...CONV_ATTRIBUTES, output_padding: { kind: 'ints', default: [0, 0] } },
  infer: (inputs, attributes) => {
    const [x, w] = [required(WHERE, inputs, 0), required(WHERE, inputs, 1)];
    const g = geometry(x.shape, w.shape, attributes);
    return [{ dtype: x.dtype, shape: [g.n, g.c, g.h, g.w] }];
  },
  gradient: { notDifferentiable: 'it only appears in backward passes' },
  reference: (inputs, attributes) => {
    const [x, w] = [required(WHERE, inputs, 0), required(WHERE, inputs, 1)];
    const g = geometry(x.shape, w.shape, attributes);
    const y = ndarray([g.n, g.c, g.h, g.w]);
    forEachTap(g, (out, input, weight) => {
      y.data[input] = (y.data[input] ?? 0) + (x.data[out] ?? 0) * (w.data[weight] ?? 0);
    });
    return [y];
  },
});

type Attributes = ConvAttributes & { readonly output_padding: readonly number[] };

/** The convolution that this one transposes. */
function geometry(x: Shape, weights: Shape, attributes: Attributes): ConvGeometry {
  const size = [0, 1].map((axis) => {
    const reach = (attributes.dilations[axis] ?? 1) * ((weights[axis + 2] ?? 1) - 1) + 1;
    const pads = (attributes.pads[axis] ?? 0) + (attributes.pads[axis + 2] ?? 0);
    const step = attributes.strides[axis] ?? 1;
    return ((x[axis + 2] ?? 1) - 1) * step + reach + (attributes.output_padding[axis] ?? 0) - pads;
  });
  const channels = (weights[1] ?? 0) * attributes.group;
  return convGeometry(WHERE, [x[0] ?? 0, channels, ...size], weights, attributes);
}
