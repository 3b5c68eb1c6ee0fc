import type { ConfigReader, Pair } from './config-reader.js';
import { defineLayer, pictureOf, type LayerCall, type LayerDraft, type LayerType } from './define.js';
import type { Value } from '../onnx/graph.js';
import {
  pairOf,
  pixelsOf,
  windowOutput,
  windowPads,
  type Padding,
  type PairLike,
  type Window,
} from './spatial.js';

interface GlobalConfig {
  readonly keepdims: boolean;
}

/** Keras `GlobalAveragePooling2D`: [H, W, C] → [C], or [1, 1, C] with `keepdims`. */
export const GlobalAveragePooling2D = globalPooling('GlobalAveragePooling2D', ({ o, x }) =>
  o.op('GlobalAveragePool', [x]),
);

/** Keras `GlobalMaxPooling2D`. */
export const GlobalMaxPooling2D = globalPooling('GlobalMaxPooling2D', ({ o, x }) =>
  o.op('ReduceMax', [x, o.builder.ints([2, 3])], { keepdims: 1 }),
);

/** The mean over all pixels. */
export function globalAveragePooling2d({ keepdims = false }: { keepdims?: boolean } = {}): LayerDraft {
  return GlobalAveragePooling2D.draft({ keepdims });
}

/** The maximum over all pixels. */
export function globalMaxPooling2d({ keepdims = false }: { keepdims?: boolean } = {}): LayerDraft {
  return GlobalMaxPooling2D.draft({ keepdims });
}

/** Options of the pooling layers. */
export interface PoolingOptions {
  /** Pixels [height, width]. */
  readonly poolSize?: PairLike;
  /** `poolSize` by default. */
  readonly strides?: PairLike;
  readonly padding?: Padding;
}

interface PoolingConfig {
  readonly poolSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
}

/** Keras `AveragePooling2D`; padded pixels do not count. */
export const AveragePooling2D = pooling('AveragePooling2D', 'AveragePool');

/** Keras `MaxPooling2D`; padded pixels never win. */
export const MaxPooling2D = pooling('MaxPooling2D', 'MaxPool');

/** The mean over a sliding window. */
export function averagePooling2d(options: PoolingOptions = {}): LayerDraft {
  return AveragePooling2D.draft(poolingConfig(options));
}

/** The maximum over a sliding window. */
export function maxPooling2d(options: PoolingOptions = {}): LayerDraft {
  return MaxPooling2D.draft(poolingConfig(options));
}

function globalPooling(className: string, pool: (call: LayerCall) => Value): LayerType<GlobalConfig> {
  return defineLayer<GlobalConfig>({
    className,
    read: (reader) => {
      reader.must('data_format', 'channels_last', null);
      return { keepdims: reader.boolean('keepdims', false) };
    },
    write: ({ keepdims }) => ({ data_format: 'channels_last', keepdims }),
    outputShape: ({ keepdims }, inputs, where) => {
      const [, , channels] = pictureOf(where, inputs);
      return keepdims ? [1, 1, channels] : [channels];
    },
    call: ({ keepdims }, call) => {
      const pooled = pool(call);
      return keepdims ? pooled : call.o.reshape(pooled, pooled.shape.slice(0, 2));
    },
  });
}

function pooling(className: string, opType: string): LayerType<PoolingConfig> {
  return defineLayer<PoolingConfig>({
    className,
    read: readPooling,
    write: ({ poolSize, strides, padding }) => ({
      pool_size: poolSize,
      padding,
      strides,
      data_format: 'channels_last',
    }),
    outputShape: (config, inputs, where) => {
      const [height, width, channels] = pictureOf(where, inputs);
      return [...windowOutput(windowOf(config), [height, width]), channels];
    },
    call: (config, { o, x }) =>
      o.op(opType, [x], {
        kernel_shape: config.poolSize,
        strides: config.strides,
        pads: windowPads(windowOf(config), pixelsOf(x)),
      }),
  });
}

function readPooling(reader: ConfigReader): PoolingConfig {
  reader.must('data_format', 'channels_last', null);
  const poolSize = reader.pair('pool_size', [2, 2]);
  return {
    poolSize,
    strides: reader.pair('strides', poolSize),
    padding: reader.oneOf('padding', ['valid', 'same'], 'valid'),
  };
}

function poolingConfig({ poolSize = 2, strides, padding = 'valid' }: PoolingOptions): PoolingConfig {
  return { poolSize: pairOf(poolSize), strides: pairOf(strides ?? poolSize), padding };
}

function windowOf({ poolSize, strides, padding }: PoolingConfig): Window {
  return { kernelSize: poolSize, strides, padding, dilationRate: [1, 1] };
}
