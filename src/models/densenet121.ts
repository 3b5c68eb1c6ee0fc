import { activation } from '../layers/activation.js';
import { batchNormalization } from '../layers/batch-normalization.js';
import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { concatenate } from '../layers/merging.js';
import { zeroPadding2d } from '../layers/padding.js';
import { averagePooling2d, globalAveragePooling2d, maxPooling2d } from '../layers/pooling.js';
import { symmetricSides } from './keras-padding.js';
import type { LayerGraph } from './layer-graph.js';
import { NetBuilder, type Feature } from './net-builder.js';
import { checkImageShape, withoutPreprocessing, type NetOptions } from './net-options.js';

/** Layers of each dense block (Huang et al. 2017, table 1). */
const BLOCKS = [6, 12, 24, 16] as const;
/** Channels that each layer adds. */
const GROWTH = 32;
const EPSILON = 1.001e-5;

/**
 * DenseNet-121, 7,037,504 parameters without top (Huang et al., Densely Connected Convolutional Networks, 2017;
 * `keras.applications.DenseNet121`): layer names, order and padding are Keras's.
 *
 * Input [H, W, C]; output without top [⌊H/32⌋, ⌊W/32⌋, 1024].
 *
 * @throws InputError when the picture is smaller than 32×32
 * @example const backbone = densenet121({ inputShape: [96, 96, 3], weights: findRecord('densenet121', 'keras') });
 */
export function densenet121(options: NetOptions): LayerGraph {
  const { inputShape, includeTop, weights } = options;
  checkImageShape('densenet121', inputShape, 32);
  withoutPreprocessing('densenet121', options);
  const epsilon = weights?.epsilon ?? EPSILON;
  const net = new NetBuilder();
  let x = stem(net.input(inputShape), epsilon);
  for (const [i, layers] of BLOCKS.entries()) {
    if (i > 0) x = transition(x, `pool${i + 1}`, epsilon);
    for (let layer = 1; layer <= layers; layer++) x = denseLayer(x, `conv${i + 2}_block${layer}`, epsilon);
  }
  x = net.add(activation('relu'), norm(x, 'bn', epsilon), 'relu');
  if (includeTop === undefined) return net.build('densenet121', [x]);
  const pooled = net.add(globalAveragePooling2d(), x, 'avg_pool');
  const top = dense({ units: includeTop.classes, activation: 'softmax' });
  return net.build('densenet121', [net.add(top, pooled, 'predictions')]);
}

function stem(image: Feature, epsilon: number): Feature {
  const { net } = image;
  const conv = conv2d({ filters: 64, kernelSize: 7, strides: 2, useBias: false });
  let x = net.add(conv, net.add(zeroPadding2d(symmetricSides(7)), image), 'conv1_conv');
  x = net.add(activation('relu'), norm(x, 'conv1_bn', epsilon), 'conv1_relu');
  const padded = net.add(zeroPadding2d(symmetricSides(3)), x);
  return net.add(maxPooling2d({ poolSize: 3, strides: 2 }), padded, 'pool1');
}

/** Adds {@link GROWTH} channels to those that come in. */
function denseLayer(input: Feature, name: string, epsilon: number): Feature {
  const { net } = input;
  const relu = (x: Feature, i: number) =>
    net.add(activation('relu'), norm(x, `${name}_${i}_bn`, epsilon), `${name}_${i}_relu`);
  const bottleneck = conv2d({ filters: 4 * GROWTH, kernelSize: 1, useBias: false });
  const spread = conv2d({ filters: GROWTH, kernelSize: 3, padding: 'same', useBias: false });
  let x = net.add(bottleneck, relu(input, 0), `${name}_1_conv`);
  x = net.add(spread, relu(x, 1), `${name}_2_conv`);
  return net.add(concatenate(), [input, x], `${name}_concat`);
}

/** Halves channels, height and width. */
function transition(input: Feature, name: string, epsilon: number): Feature {
  const { net } = input;
  const filters = Math.floor((input.shape[2] ?? 1) / 2);
  const x = net.add(activation('relu'), norm(input, `${name}_bn`, epsilon), `${name}_relu`);
  const conv = net.add(conv2d({ filters, kernelSize: 1, useBias: false }), x, `${name}_conv`);
  return net.add(averagePooling2d({ poolSize: 2, strides: 2 }), conv, `${name}_pool`);
}

function norm(x: Feature, name: string, epsilon: number): Feature {
  return x.net.add(batchNormalization({ epsilon }), x, name);
}
