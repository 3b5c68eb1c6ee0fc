import { sizeOf, type Shape } from '../core/tensor.js';
import { perChannel, reducedAxes } from './batch-normalization.js';
import { required } from './infer.js';
import { defineOperator } from './operator.js';
import { mapArray, ndarray, sumOver, zipArrays, type NdArray } from './reference/ndarray.js';

const FORWARD = 'BatchNormTraining';
const BACKWARD = 'BatchNormTrainingGrad';
const EPSILON = { epsilon: { kind: 'float', default: 1e-3 } } as const;

/**
 * Batch normalization by the statistics of the batch (Ioffe & Szegedy 2015).
 *
 * Inputs: x `[N, C, …]`, scale `[C]`, bias `[C]`. Outputs: y like x, mean `[C]`, variance `[C]` — the
 * population variance, as Keras and ONNX average it (PyTorch averages the unbiased one). Computed in two
 * passes: one pass loses three digits where |mean| ≫ deviation.
 */
export const batchNormTraining = defineOperator({
  opType: FORWARD,
  domain: 'mien',
  since: 1,
  inputs: [3, 3],
  attributes: EPSILON,
  infer: (inputs) => {
    const { dtype, shape } = required(FORWARD, inputs, 0);
    const statistics = { dtype, shape: [shape[1] ?? 1] };
    return [{ dtype, shape }, statistics, statistics];
  },
  // The statistics feed moving averages only; no gradient reaches them.
  gradient: ({ o, inputs, outputs, grads: [dy], attributes: { epsilon } }) => {
    if (dy === undefined) return [];
    const [x, scale] = [required(FORWARD, inputs, 0), required(FORWARD, inputs, 1)];
    const statistics = [required(FORWARD, outputs, 1), required(FORWARD, outputs, 2)];
    return o.builder.node(BACKWARD, [dy, x, scale, ...statistics], { epsilon }, { domain: 'mien' });
  },
  reference: (inputs, { epsilon }) => {
    const [x, scale, bias] = [0, 1, 2].map((i) => required(FORWARD, inputs, i)) as [
      NdArray,
      NdArray,
      NdArray,
    ];
    const mean = channelMean(x);
    const centred = zipArrays(x, asChannel(mean, x.shape), (a, b) => a - b);
    const variance = channelMean(mapArray(centred, (d) => d * d));
    const factor = ndarray(
      scale.shape,
      (c) => (scale.data[c] ?? 0) / Math.sqrt((variance.data[c] ?? 0) + epsilon),
    );
    const scaled = zipArrays(centred, asChannel(factor, x.shape), (a, b) => a * b);
    return [zipArrays(scaled, asChannel(bias, x.shape), (a, b) => a + b), mean, variance];
  },
  decompose: ({ o, inputs, attributes: { epsilon } }) => {
    const [x, scale, bias] = [0, 1, 2].map((i) => required(FORWARD, inputs, i)) as Three<typeof inputs>;
    const axes = reducedAxes(x.shape);
    const mean = o.reduceMean(x, axes);
    const centred = o.sub(x, mean);
    const variance = o.reduceMean(o.mul(centred, centred), axes);
    const inverse = o.reciprocal(o.sqrt(o.add(variance, epsilon)));
    const y = o.add(
      o.mul(centred, o.mul(inverse, perChannel(o, scale, x.shape))),
      perChannel(o, bias, x.shape),
    );
    return [y, o.reshape(mean, scale.shape), o.reshape(variance, scale.shape)];
  },
});

/**
 * Gradient of {@link batchNormTraining}. Inputs: dy, x, scale, mean, variance; outputs: dx, dscale, dbias.
 *
 * With x̂ the normalized input and M elements per channel:
 * dbias = Σdy, dscale = Σdy·x̂, dx = scale/√(var+ε) · (dy − dbias/M − x̂·dscale/M).
 */
export const batchNormTrainingGrad = defineOperator({
  opType: BACKWARD,
  domain: 'mien',
  since: 1,
  inputs: [5, 5],
  attributes: EPSILON,
  infer: (inputs) => {
    const { dtype, shape } = required(BACKWARD, inputs, 1);
    const vector = { dtype, shape: [shape[1] ?? 1] };
    return [{ dtype, shape }, vector, vector];
  },
  gradient: { notDifferentiable: 'second derivatives are not needed' },
  reference: (inputs, { epsilon }) => {
    const [dy, x, scale, mean, variance] = [0, 1, 2, 3, 4].map((i) =>
      required(BACKWARD, inputs, i),
    ) as FiveArrays;
    const inverse = mapArray(variance, (v) => 1 / Math.sqrt(v + epsilon));
    const centred = zipArrays(x, asChannel(mean, x.shape), (a, b) => a - b);
    const normalized = zipArrays(centred, asChannel(inverse, x.shape), (a, b) => a * b);
    const count = sizeOf(x.shape) / (x.shape[1] ?? 1);
    const dbias = mapArray(channelMean(dy), (m) => m * count);
    const dscale = mapArray(channelMean(zipArrays(dy, normalized, (a, b) => a * b)), (m) => m * count);
    const slope = zipArrays(normalized, asChannel(dscale, x.shape), (a, b) => (a * b) / count);
    const inner = zipArrays(
      zipArrays(dy, slope, (a, b) => a - b),
      asChannel(dbias, x.shape),
      (a, b) => a - b / count,
    );
    const factor = zipArrays(scale, inverse, (a, b) => a * b);
    return [zipArrays(inner, asChannel(factor, x.shape), (a, b) => a * b), dscale, dbias];
  },
  decompose: ({ o, inputs, attributes: { epsilon } }) => {
    const [dy, x, scale, mean, variance] = [0, 1, 2, 3, 4].map((i) => required(BACKWARD, inputs, i)) as Five<
      typeof inputs
    >;
    const axes = reducedAxes(x.shape);
    const count = sizeOf(x.shape) / (x.shape[1] ?? 1);
    const inverse = o.reciprocal(o.sqrt(o.add(perChannel(o, variance, x.shape), epsilon)));
    const normalized = o.mul(o.sub(x, perChannel(o, mean, x.shape)), inverse);
    const dbias = o.reduceSum(dy, axes);
    const dscale = o.reduceSum(o.mul(dy, normalized), axes);
    const slope = o.mul(normalized, o.mul(dscale, 1 / count));
    const inner = o.sub(o.sub(dy, slope), o.mul(dbias, 1 / count));
    const dx = o.mul(inner, o.mul(inverse, perChannel(o, scale, x.shape)));
    return [dx, o.reshape(dscale, scale.shape), o.reshape(dbias, scale.shape)];
  },
});

type ItemOf<L extends readonly unknown[]> = Exclude<L[number], undefined>;
type Three<L extends readonly unknown[]> = [ItemOf<L>, ItemOf<L>, ItemOf<L>];
type Five<L extends readonly unknown[]> = [...Three<L>, ItemOf<L>, ItemOf<L>];
type FiveArrays = [NdArray, NdArray, NdArray, NdArray, NdArray];

function channelMean(x: NdArray): NdArray {
  const channels = x.shape[1] ?? 1;
  const summed = sumOver(x, reducedAxes(x.shape));
  return ndarray([channels], (c) => ((summed.data[c] ?? 0) * channels) / sizeOf(x.shape));
}

function asChannel(vector: NdArray, shape: Shape): NdArray {
  return { shape: shape.map((size, axis) => (axis === 1 ? size : 1)), data: vector.data };
}
