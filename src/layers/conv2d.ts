import type { Value } from '../onnx/graph.js';
import { activate, type ActivationName } from './activations.js';
import type { ConfigReader } from './config-reader.js';
import { defineLayer, misfit, pictureOf, type LayerCall, type LayerDraft } from './define.js';
import type { JsonObject } from './json.js';
import {
  CONV_ORDER,
  kernelConfig,
  readKernel,
  trainableWeight,
  writeKernel,
  type KernelConfig,
  type KernelOptions,
} from './kernels.js';
import {
  pairOf,
  pixelsOf,
  windowOutput,
  windowPads,
  type PairLike,
  type Padding,
  type Window,
} from './spatial.js';

/** Options of a sliding window. */
export interface WindowOptions {
  /** Pixels [height, width]. */
  readonly kernelSize: PairLike;
  readonly strides?: PairLike;
  readonly padding?: Padding;
  readonly dilationRate?: PairLike;
}

/** Options of {@link conv2d}. */
export interface Conv2DOptions extends WindowOptions, KernelOptions {
  /** Output channels. */
  readonly filters: number;
  readonly groups?: number;
  readonly activation?: ActivationName;
}

interface Conv2DConfig extends Window, KernelConfig {
  readonly filters: number;
  readonly groups: number;
  readonly activation: ActivationName;
}

/** Keras `Conv2D`: [H, W, C] → [Ho, Wo, filters]; kernel [kh, kw, C / groups, filters]. */
export const Conv2D = defineLayer<Conv2DConfig>({
  className: 'Conv2D',
  read: (reader) => ({
    filters: reader.integer('filters'),
    groups: reader.integer('groups', 1),
    ...readWindow(reader),
    activation: reader.activation(),
    ...readKernel(reader),
  }),
  write: ({ filters, groups, activation, ...rest }) => ({
    filters,
    ...writeWindow(rest),
    groups,
    activation,
    ...writeKernel(rest),
    activity_regularizer: null,
  }),
  weights: ({ filters, groups, kernelSize, kernel, bias, useBias }, inputs) => {
    const channels = inputs[0]?.[2] ?? 1;
    const shape = [...kernelSize, Math.floor(channels / groups), filters];
    const weights = [trainableWeight('kernel', shape, kernel, CONV_ORDER)];
    return useBias ? [...weights, trainableWeight('bias', [filters], bias)] : weights;
  },
  outputShape: (config, inputs, where) => {
    const [height, width, channels] = pictureOf(where, inputs);
    const { filters, groups } = config;
    if (channels % groups !== 0 || filters % groups !== 0)
      throw misfit(where, inputs, `channels and filters that ${groups} groups divide`);
    return [...windowOutput(config, [height, width]), filters];
  },
  call: (config, call) => {
    const bias = config.useBias ? call.weight('bias') : undefined;
    const y = convolve(call, config, call.weight('kernel'), bias, config.groups);
    return activate(call.o, config.activation, y);
  },
});

/**
 * A convolution.
 * @example conv2d({ filters: 16, kernelSize: 3, strides: 2, padding: 'same', useBias: false })
 */
export function conv2d(options: Conv2DOptions): LayerDraft {
  const { filters, groups = 1, activation = 'linear' } = options;
  return Conv2D.draft({ filters, groups, activation, ...windowConfig(options), ...kernelConfig(options) });
}

/** {@link WindowOptions} with Keras's defaults. */
export function windowConfig(options: WindowOptions): Window {
  return {
    kernelSize: pairOf(options.kernelSize),
    strides: pairOf(options.strides ?? 1),
    padding: options.padding ?? 'valid',
    dilationRate: pairOf(options.dilationRate ?? 1),
  };
}

/** Reads a window's fields. */
export function readWindow(reader: ConfigReader): Window {
  reader.must('data_format', 'channels_last', null);
  return {
    kernelSize: reader.pair('kernel_size'),
    strides: reader.pair('strides', [1, 1]),
    padding: reader.oneOf('padding', ['valid', 'same'], 'valid'),
    dilationRate: reader.pair('dilation_rate', [1, 1]),
  };
}

/** Keras's fields of a window. */
export function writeWindow({ kernelSize, strides, padding, dilationRate }: Window): JsonObject {
  return {
    kernel_size: kernelSize,
    strides,
    padding,
    data_format: 'channels_last',
    dilation_rate: dilationRate,
  };
}

/** Adds a Conv node; `kernel` is [K, C / groups, kh, kw]. */
export function convolve(
  { o, x }: Pick<LayerCall, 'o' | 'x'>,
  window: Window,
  kernel: Value,
  bias: Value | undefined,
  group: number,
): Value {
  return o.op('Conv', bias === undefined ? [x, kernel] : [x, kernel, bias], {
    group,
    strides: window.strides,
    pads: windowPads(window, pixelsOf(x)),
    dilations: window.dilationRate,
    kernel_shape: window.kernelSize,
  });
}
