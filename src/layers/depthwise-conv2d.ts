import type { Value } from '../onnx/graph.js';
import { activate, type ActivationName } from './activations.js';
import { convolve, readWindow, windowConfig, writeWindow, type WindowOptions } from './conv2d.js';
import { defineLayer, pictureOf, type LayerCall, type LayerDraft } from './define.js';
import {
  DEPTHWISE_ORDER,
  kernelConfig,
  readKernel,
  trainableWeight,
  writeKernel,
  type KernelConfig,
  type KernelOptions,
} from './kernels.js';
import { windowOutput, type Window } from './spatial.js';

/** Options of {@link depthwiseConv2d}. */
export interface DepthwiseConv2DOptions extends WindowOptions, KernelOptions {
  /** Outputs per input channel. */
  readonly depthMultiplier?: number;
  readonly activation?: ActivationName;
}

interface DepthwiseConv2DConfig extends Window, KernelConfig {
  readonly depthMultiplier: number;
  readonly activation: ActivationName;
}

/** Keras `DepthwiseConv2D`: [H, W, C] → [Ho, Wo, C·m]; kernel [kh, kw, C, m]. */
export const DepthwiseConv2D = defineLayer<DepthwiseConv2DConfig>({
  className: 'DepthwiseConv2D',
  read: (reader) => ({
    depthMultiplier: reader.integer('depth_multiplier', 1),
    ...readWindow(reader),
    activation: reader.activation(),
    ...readKernel(reader, 'depthwise'),
  }),
  write: ({ depthMultiplier, activation, ...rest }) => ({
    depth_multiplier: depthMultiplier,
    ...writeWindow(rest),
    activation,
    ...writeKernel(rest, 'depthwise'),
    activity_regularizer: null,
  }),
  weights: ({ depthMultiplier, kernelSize, kernel, bias, useBias }, inputs) => {
    const channels = inputs[0]?.[2] ?? 1;
    const shape = [...kernelSize, channels, depthMultiplier];
    const weights = [trainableWeight('kernel', shape, kernel, DEPTHWISE_ORDER)];
    return useBias ? [...weights, trainableWeight('bias', [channels * depthMultiplier], bias)] : weights;
  },
  outputShape: (config, inputs, where) => {
    const [height, width, channels] = pictureOf(where, inputs);
    return [...windowOutput(config, [height, width]), channels * config.depthMultiplier];
  },
  call: (config, call) => {
    const bias = config.useBias ? call.weight('bias') : undefined;
    return activate(call.o, config.activation, convolveDepthwise(call, config, call.weight('kernel'), bias));
  },
});

/**
 * A convolution of each channel by itself.
 * @example depthwiseConv2d({ kernelSize: 3, padding: 'same', useBias: false })
 */
export function depthwiseConv2d(options: DepthwiseConv2DOptions): LayerDraft {
  const { depthMultiplier = 1, activation = 'linear' } = options;
  return DepthwiseConv2D.draft({
    depthMultiplier,
    activation,
    ...windowConfig(options),
    ...kernelConfig(options),
  });
}

/** Adds a grouped Conv node for a kernel [C, m, kh, kw]. */
export function convolveDepthwise(
  call: Pick<LayerCall, 'o' | 'x'>,
  window: Window,
  kernel: Value,
  bias: Value | undefined,
): Value {
  const [channels = 1, multiplier = 1, ...size] = kernel.shape;
  const grouped = multiplier === 1 ? kernel : call.o.reshape(kernel, [channels * multiplier, 1, ...size]);
  return convolve(call, window, grouped, bias, channels);
}
