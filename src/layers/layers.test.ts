import { describe, expect, it } from 'vitest';

import type { Value } from '../onnx/graph.js';
import { GraphBuilder } from '../onnx/builder.js';
import { Emitter } from '../ops/emitter.js';
import { schemaOf } from '../ops/registry.js';
import { BatchNormalization, batchNormalization } from './batch-normalization.js';
import { conv2d } from './conv2d.js';
import { dense } from './dense.js';
import { dropout } from './dropout.js';
import { engineShape, isTrainable, type CallContext } from './layer.js';
import { concatenate } from './merging.js';
import { layerFromConfig, SUPPORTED_LAYERS } from './registry.js';
import { reshape } from './reshaping.js';
import { windowPads } from './spatial.js';
import { permuteAxes, toEngine, toKeras } from './permute.js';

const bare = { name: 'x', trainable: true };
const EXAMPLES: Readonly<Record<string, object>> = {
  Activation: { activation: 'hard_swish' },
  AveragePooling2D: { pool_size: 3, strides: 2, padding: 'same' },
  BatchNormalization: { axis: [3], momentum: 0.999, epsilon: 1e-3 },
  Concatenate: { axis: 3 },
  Conv2D: { filters: 4, kernel_size: [3, 1], strides: 2, padding: 'same', use_bias: false },
  Cropping2D: {
    cropping: [
      [1, 0],
      [0, 1],
    ],
  },
  Dense: {
    units: 3,
    kernel_regularizer: { class_name: 'L2', config: { l2: 1e-4 } },
    kernel_initializer: { class_name: 'HeNormal', config: { seed: null } },
  },
  DepthwiseConv2D: { kernel_size: 3, depth_multiplier: 2 },
  Dropout: { rate: 0.5, seed: 3 },
  InputLayer: { batch_shape: [null, 8, 8, 3] },
  ReLU: { max_value: 6, negative_slope: 0, threshold: 0 },
  Rescaling: { scale: 2, offset: [1, 2, 3] },
  Reshape: { target_shape: [2, -1] },
  SeparableConv2D: { filters: 4, kernel_size: 3 },
  ZeroPadding2D: { padding: 2 },
};

describe('layer configurations', () => {
  it.each(SUPPORTED_LAYERS)('%s: what is written is read back the same', (className) => {
    const config = { ...bare, ...EXAMPLES[className] };
    const { axis, ...rest } = config as { axis?: unknown };
    const json = { ...rest, ...(Array.isArray(axis) ? { axis: 3 } : axis === undefined ? {} : { axis }) };
    const written = layerFromConfig(className, 'x', json as never).config();
    expect(layerFromConfig(className, 'x', written).config()).toEqual(written);
    expect(written).toMatchObject({ name: 'x', trainable: true });
  });

  it('refuses an unknown layer, listing the known ones', () => {
    expect(() => layerFromConfig('Lambda', 'evil', {})).toThrow(
      `layer "evil": received the class Lambda, expected one of ${SUPPORTED_LAYERS.join(', ')}.`,
    );
  });

  it.each([
    [
      'Conv2D',
      { filters: 2, kernel_size: 3, data_format: 'channels_first' },
      /data_format = "channels_first"/,
    ],
    ['Conv2D', { filters: 2.5, kernel_size: 3 }, /filters = 2.5/],
    ['Conv2D', { filters: 2, kernel_size: 1e9 }, /kernel_size = 1000000000/],
    ['Dense', { units: 2, activation: 'mish' }, /activation "mish", expected one of linear, relu/],
    ['Dense', { units: 2, kernel_initializer: 'mine' }, /initializer "mine"/],
    [
      'Dense',
      { units: 2, kernel_regularizer: { class_name: 'L1', config: { l1: 1 } } },
      /L2 regularizer or null/,
    ],
    ['ReLU', { threshold: 1 }, /threshold = 1, expected 0/],
    ['InputLayer', { batch_shape: [null, null, null, 3] }, /give the input size as an option/],
  ])('%s refuses %j', (className, config, message) => {
    expect(() => layerFromConfig(className, 'x', { ...bare, ...config })).toThrow(message);
  });
});

describe('shapes and layouts', () => {
  it('pads `same` at the end first, as Keras does', () => {
    const window = { kernelSize: [3, 3], strides: [2, 2], padding: 'same', dilationRate: [1, 1] } as const;
    expect(windowPads(window, [128, 127])).toEqual([0, 1, 1, 1]);
  });

  it('carries kernels between layouts', () => {
    const [spec] = conv2d({ filters: 4, kernelSize: [2, 3] })
      .create('c')
      .weights([[8, 8, 5]]);
    expect(spec!.shape).toEqual([2, 3, 5, 4]);
    expect(engineShape(spec!)).toEqual([4, 5, 2, 3]);
    const keras = Float32Array.from({ length: 120 }, (_, i) => i);
    // Element [h=1, w=2, i=3, o=0] is at 1·60 + 2·20 + 3·4 in HWIO and at 3·6 + 1·3 + 2 in OIHW.
    expect(toEngine(spec!, keras)[23]).toBe(112);
    expect(toKeras(spec!, toEngine(spec!, keras))).toEqual(keras);
    expect(permuteAxes(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3], [1, 0])).toEqual(
      Float32Array.of(1, 4, 2, 5, 3, 6),
    );
  });

  it.each([
    [
      concatenate(1).create('c'),
      [
        [2, 3, 4],
        [2, 4, 4],
      ],
      /differ along axis 1 only/,
    ],
    [reshape([5]).create('r'), [[2, 3]], /a size that fits \[5\]/],
    [
      dense({ units: 2 }).create('d'),
      [[2, 2, 3]],
      'Dense "d": received shape [2, 2, 3], expected a vector [F].',
    ],
    [batchNormalization().create('b'), [[2, 3]], /normalized along its last axis/],
  ])('refuses inputs that do not fit %#', (layer, shapes, message) => {
    expect(() => layer.outputShape(shapes)).toThrow(message);
  });
});

interface Asked {
  readonly averages: [name: string, momentum: number][];
  readonly masks: number[];
  readonly ops: readonly string[];
}

/** Calls one layer in training on a [2, 3, 4, 4] value and tells what it asked for. */
function callInTraining(layer: ReturnType<ReturnType<typeof dropout>['create']>): Asked {
  const builder = new GraphBuilder('test', schemaOf);
  const x = builder.input('x', 'float32', [2, 3, 4, 4]);
  const asked = { averages: [] as [string, number][], masks: [] as number[] };
  const context: CallContext = {
    o: new Emitter(builder),
    training: true,
    weight: (_, name): Value => builder.input(name, 'float32', [3]),
    movingAverage: (_, name, __, momentum) => void asked.averages.push([name, momentum]),
    dropoutMask: (_, shape, rate) => {
      asked.masks.push(rate);
      return builder.input('mask', 'float32', shape);
    },
  };
  layer.call(context, [x]);
  return { ...asked, ops: builder.nodesSoFar.map((node) => node.opType) };
}

describe('training', () => {
  it('batch norm normalizes by the batch and moves its averages', () => {
    const layer = batchNormalization({ momentum: 0.9 }).create('bn');
    const { averages, ops } = callInTraining(layer);
    expect(ops).toEqual(['BatchNormTraining']);
    expect(averages).toEqual([
      ['moving_mean', 0.9],
      ['moving_variance', 0.9],
    ]);
    const trainable = layer.weights([[4, 4, 3]]).filter((spec) => isTrainable(layer, spec));
    expect(trainable.map((spec) => spec.name)).toEqual(['gamma', 'beta']);
  });

  it('a frozen batch norm runs on its moving averages and leaves them alone', () => {
    const layer = BatchNormalization.fromConfig('bn', { trainable: false });
    const { averages, ops } = callInTraining(layer);
    expect(ops).toEqual(['BatchNormalization']);
    expect(averages).toEqual([]);
    expect(layer.weights([[3]]).some((spec) => isTrainable(layer, spec))).toBe(false);
  });

  it('dropout multiplies by a mask, unless its rate is 0', () => {
    expect(callInTraining(dropout(0.4).create('d'))).toMatchObject({ masks: [0.4], ops: ['Mul'] });
    expect(callInTraining(dropout(0).create('d'))).toMatchObject({ masks: [], ops: [] });
  });
});
