import { activate, type ActivationName } from './activations.js';
import { convolve, readWindow, windowConfig, writeWindow, type WindowOptions } from './conv2d.js';
import { defineLayer, pictureOf, type LayerDraft } from './define.js';
import { convolveDepthwise } from './depthwise-conv2d.js';
import { glorotUniform, zeros } from './initializers.js';
import {
  CONV_ORDER,
  DEPTHWISE_ORDER,
  readRule,
  trainableWeight,
  writeRule,
  type WeightRule,
} from './kernels.js';
import { windowOutput, type Window } from './spatial.js';

/** Options of {@link separableConv2d}. */
export interface SeparableConv2DOptions extends WindowOptions {
  /** Output channels. */
  readonly filters: number;
  readonly depthMultiplier?: number;
  readonly useBias?: boolean;
  readonly activation?: ActivationName;
}

interface SeparableConv2DConfig extends Window {
  readonly filters: number;
  readonly depthMultiplier: number;
  readonly useBias: boolean;
  readonly activation: ActivationName;
  readonly depthwise: WeightRule;
  readonly pointwise: WeightRule;
  readonly bias: WeightRule;
}

const POINTWISE: Window = { kernelSize: [1, 1], strides: [1, 1], padding: 'valid', dilationRate: [1, 1] };

/** Keras `SeparableConv2D`: a depthwise convolution [kh, kw, C, m], then a pointwise one [1, 1, C·m, filters]. */
export const SeparableConv2D = defineLayer<SeparableConv2DConfig>({
  className: 'SeparableConv2D',
  read: (reader) => {
    reader.must('activity_regularizer', null);
    return {
      filters: reader.integer('filters'),
      depthMultiplier: reader.integer('depth_multiplier', 1),
      useBias: reader.boolean('use_bias', true),
      activation: reader.activation(),
      ...readWindow(reader),
      depthwise: readRule(reader, 'depthwise', glorotUniform),
      pointwise: readRule(reader, 'pointwise', glorotUniform),
      bias: readRule(reader, 'bias', zeros),
    };
  },
  write: ({ filters, depthMultiplier, useBias, activation, depthwise, pointwise, bias, ...window }) => ({
    depth_multiplier: depthMultiplier,
    filters,
    ...writeWindow(window),
    activation,
    use_bias: useBias,
    ...writeRule('depthwise', depthwise),
    ...writeRule('pointwise', pointwise),
    ...writeRule('bias', bias),
    activity_regularizer: null,
  }),
  weights: ({ filters, depthMultiplier, kernelSize, useBias, depthwise, pointwise, bias }, inputs) => {
    const channels = inputs[0]?.[2] ?? 1;
    const spread = [...kernelSize, channels, depthMultiplier];
    const mix = [1, 1, channels * depthMultiplier, filters];
    const weights = [
      trainableWeight('depthwise_kernel', spread, depthwise, DEPTHWISE_ORDER),
      trainableWeight('pointwise_kernel', mix, pointwise, CONV_ORDER),
    ];
    return useBias ? [...weights, trainableWeight('bias', [filters], bias)] : weights;
  },
  outputShape: (config, inputs, where) => {
    const [height, width] = pictureOf(where, inputs);
    return [...windowOutput(config, [height, width]), config.filters];
  },
  call: (config, call) => {
    const { o, weight } = call;
    const x = convolveDepthwise(call, config, weight('depthwise_kernel'), undefined);
    const bias = config.useBias ? weight('bias') : undefined;
    return activate(o, config.activation, convolve({ o, x }, POINTWISE, weight('pointwise_kernel'), bias, 1));
  },
});

/** A depthwise convolution followed by a pointwise one. */
export function separableConv2d(options: SeparableConv2DOptions): LayerDraft {
  const { filters, depthMultiplier = 1, useBias = true, activation = 'linear' } = options;
  return SeparableConv2D.draft({
    filters,
    depthMultiplier,
    useBias,
    activation,
    ...windowConfig(options),
    depthwise: { initializer: glorotUniform(), l2: 0 },
    pointwise: { initializer: glorotUniform(), l2: 0 },
    bias: { initializer: zeros(), l2: 0 },
  });
}
