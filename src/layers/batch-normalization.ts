import { float32, type Shape } from '../core/tensor.js';
import type { Value } from '../onnx/graph.js';
import { MIEN_DOMAIN } from '../onnx/graph.js';
import { defineLayer, misfit, onlyOf, type LayerCall, type LayerDraft } from './define.js';
import { ones, writeInitializer, zeros } from './initializers.js';
import { readRule, trainableWeight, writeRule, type WeightRule } from './kernels.js';
import type { Initializer, WeightSpec } from './layer.js';

/** Options of {@link batchNormalization}. */
export interface BatchNormalizationOptions {
  /** Weighs the OLD average: moving ← momentum · moving + (1 − momentum) · batch (PyTorch's weighs the new one). */
  readonly momentum?: number;
  /** Added to the variance. */
  readonly epsilon?: number;
  readonly center?: boolean;
  readonly scale?: boolean;
}

interface BatchNormalizationConfig {
  /** Keras's channel axis, batch counted: -1, or 3 in pictures and 1 in vectors. */
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  readonly beta: WeightRule;
  readonly gamma: WeightRule;
  readonly movingMean: Initializer;
  readonly movingVariance: Initializer;
}

/**
 * Keras `BatchNormalization` over the channel axis (Ioffe & Szegedy 2015):
 * `gamma · (x − mean) / √(variance + epsilon) + beta`.
 *
 * Training uses the batch's mean and population variance and moves the averages; frozen
 * (`trainable = false`), it runs on the moving averages even in training and leaves them alone.
 */
export const BatchNormalization = defineLayer<BatchNormalizationConfig>({
  className: 'BatchNormalization',
  read: (reader) => {
    reader.must('renorm', false);
    return {
      axis: reader.integer('axis', -1, -1),
      momentum: reader.number('momentum', 0.99),
      epsilon: reader.number('epsilon', 1e-3),
      center: reader.boolean('center', true),
      scale: reader.boolean('scale', true),
      beta: readRule(reader, 'beta', zeros),
      gamma: readRule(reader, 'gamma', ones),
      movingMean: reader.initializer('moving_mean_initializer', zeros),
      movingVariance: reader.initializer('moving_variance_initializer', ones),
    };
  },
  write: ({ axis, momentum, epsilon, center, scale, beta, gamma, movingMean, movingVariance }) => ({
    axis,
    momentum,
    epsilon,
    center,
    scale,
    ...writeRule('beta', beta),
    ...writeRule('gamma', gamma),
    moving_mean_initializer: writeInitializer(movingMean),
    moving_variance_initializer: writeInitializer(movingVariance),
    synchronized: false,
  }),
  weights: (config, inputs) => {
    const shape = [inputs[0]?.at(-1) ?? 1];
    return [
      ...(config.scale ? [trainableWeight('gamma', shape, config.gamma)] : []),
      ...(config.center ? [trainableWeight('beta', shape, config.beta)] : []),
      statistic('moving_mean', shape, config.movingMean),
      statistic('moving_variance', shape, config.movingVariance),
    ];
  },
  outputShape: ({ axis }, inputs, where) => {
    const shape = onlyOf(where, inputs);
    const last = axis === -1 || axis === shape.length;
    if (last && (shape.length === 1 || shape.length === 3)) return shape;
    throw misfit(where, inputs, `a vector [F] or a picture [H, W, C] normalized along its last axis`);
  },
  call: (config, call) =>
    call.context.training && call.layer.trainable ? byBatch(config, call) : byAverages(config, call),
});

/** A batch normalization with Keras's defaults: momentum 0.99, epsilon 1e-3. */
export function batchNormalization(options: BatchNormalizationOptions = {}): LayerDraft {
  const { momentum = 0.99, epsilon = 1e-3, center = true, scale = true } = options;
  return BatchNormalization.draft({
    axis: -1,
    momentum,
    epsilon,
    center,
    scale,
    beta: { initializer: zeros(), l2: 0 },
    gamma: { initializer: ones(), l2: 0 },
    movingMean: zeros(),
    movingVariance: ones(),
  });
}

function byAverages(config: BatchNormalizationConfig, call: LayerCall): Value {
  const { o, x, weight } = call;
  const statistics = [weight('moving_mean'), weight('moving_variance')];
  const { epsilon } = config;
  return o.op('BatchNormalization', [x, ...scaleAndShift(config, call), ...statistics], { epsilon });
}

function byBatch(config: BatchNormalizationConfig, call: LayerCall): Value {
  const { o, x, context, layer } = call;
  const inputs = [x, ...scaleAndShift(config, call)];
  const { epsilon, momentum } = config;
  const [y, mean, variance] = o.builder.node(
    'BatchNormTraining',
    inputs,
    { epsilon },
    { domain: MIEN_DOMAIN },
  );
  if (mean !== undefined) context.movingAverage(layer, 'moving_mean', mean, momentum);
  if (variance !== undefined) context.movingAverage(layer, 'moving_variance', variance, momentum);
  return y ?? x;
}

function scaleAndShift(config: BatchNormalizationConfig, { o, x, weight }: LayerCall): [Value, Value] {
  const channels = x.shape[1] ?? 1;
  const filled = (value: number) =>
    o.builder.constant(float32(new Float32Array(channels).fill(value), [channels]));
  return [config.scale ? weight('gamma') : filled(1), config.center ? weight('beta') : filled(0)];
}

function statistic(name: string, shape: Shape, initializer: Initializer): WeightSpec {
  return { name, shape, initializer, trainable: false };
}
