import { InputError } from '../core/errors.js';
import { Activation, ReLU, Softmax } from './activation.js';
import { BatchNormalization } from './batch-normalization.js';
import { Conv2D } from './conv2d.js';
import { Dense } from './dense.js';
import { DepthwiseConv2D } from './depthwise-conv2d.js';
import { Dropout } from './dropout.js';
import { InputLayer } from './input-layer.js';
import type { JsonObject } from './json.js';
import type { Layer } from './layer.js';
import { Add, Concatenate, Multiply } from './merging.js';
import { Cropping2D, ZeroPadding2D } from './padding.js';
import { AveragePooling2D, GlobalAveragePooling2D, GlobalMaxPooling2D, MaxPooling2D } from './pooling.js';
import { Rescaling } from './rescaling.js';
import { Flatten, Reshape } from './reshaping.js';
import { SeparableConv2D } from './separable-conv2d.js';

const LAYERS = [
  Activation,
  Add,
  AveragePooling2D,
  BatchNormalization,
  Concatenate,
  Conv2D,
  Cropping2D,
  Dense,
  DepthwiseConv2D,
  Dropout,
  Flatten,
  GlobalAveragePooling2D,
  GlobalMaxPooling2D,
  InputLayer,
  MaxPooling2D,
  Multiply,
  ReLU,
  Rescaling,
  Reshape,
  SeparableConv2D,
  Softmax,
  ZeroPadding2D,
] as const;

type FromConfig = (name: string, json: JsonObject) => Layer;

const BY_NAME: ReadonlyMap<string, FromConfig> = new Map(
  LAYERS.map((type) => [type.className, type.fromConfig.bind(type)]),
);

/** Class names of all layers that Mien computes. */
export const SUPPORTED_LAYERS: readonly string[] = LAYERS.map((type) => type.className);

/**
 * A layer from Keras's class name and `get_config()`.
 * @throws InputError naming a layer that is not supported, or the field that is not
 */
export function layerFromConfig(className: string, name: string, json: JsonObject): Layer {
  const fromConfig = BY_NAME.get(className);
  if (fromConfig !== undefined) return fromConfig(name, json);
  throw new InputError({
    where: `layer "${name}"`,
    received: `the class ${className}`,
    expected: `one of ${SUPPORTED_LAYERS.join(', ')}`,
  });
}
