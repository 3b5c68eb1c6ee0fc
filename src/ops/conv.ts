import { CONV_ATTRIBUTES, convGeometry } from './conv-geometry.js';
import { required } from './infer.js';
import { defineOperator } from './operator.js';
import { forEachTap } from './reference/conv.js';
import { ndarray } from './reference/ndarray.js';

/**
 * Two-dimensional convolution (ONNX `Conv`): dense, pointwise, depthwise or grouped.
 *
 * Inputs: x `[N, C, H, W]`, weights `[K, C/group, kh, kw]`, optional bias `[K]`; output `[N, K, Ho, Wo]`.
 */
export const conv = defineOperator({
  opType: 'Conv',
  since: 11,
  inputs: [2, 3],
  attributes: { ...CONV_ATTRIBUTES, kernel_shape: { kind: 'ints' } },
  infer: (inputs, attributes) => {
    const [x, w] = [required('Conv', inputs, 0), required('Conv', inputs, 1)];
    const g = convGeometry('Conv', x.shape, w.shape, attributes);
    return [{ dtype: x.dtype, shape: [g.n, g.k, g.ho, g.wo] }];
  },
  gradient: ({ o, inputs, grads: [dy], attributes, needs }) => {
    if (dy === undefined) return [];
    const [x, w] = [required('Conv', inputs, 0), required('Conv', inputs, 1)];
    const { strides, pads, dilations, group } = attributes;
    const shared = { strides, pads, dilations, group };
    return [
      needs[0] === true
        ? o.own('ConvInputGrad', [w, dy], { ...shared, input_size: x.shape.slice(2) })
        : undefined,
      needs[1] === true
        ? o.own('ConvWeightGrad', [x, dy], { ...shared, kernel_shape: w.shape.slice(2) })
        : undefined,
      needs[2] === true ? o.reduceSum(dy, [0, 2, 3], false) : undefined,
    ];
  },
  reference: (inputs, attributes) => {
    const [x, w] = [required('Conv', inputs, 0), required('Conv', inputs, 1)];
    const g = convGeometry('Conv', x.shape, w.shape, attributes);
    const plane = g.ho * g.wo;
    const y = ndarray([g.n, g.k, g.ho, g.wo], (i) => inputs[2]?.data[Math.floor(i / plane) % g.k] ?? 0);
    forEachTap(g, (out, input, weight) => {
      y.data[out] = (y.data[out] ?? 0) + (x.data[input] ?? 0) * (w.data[weight] ?? 0);
    });
    return [y];
  },
});
