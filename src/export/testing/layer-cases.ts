import { activation, relu, softmax } from '../../layers/activation.js';
import { batchNormalization } from '../../layers/batch-normalization.js';
import { conv2d } from '../../layers/conv2d.js';
import { dense } from '../../layers/dense.js';
import { depthwiseConv2d } from '../../layers/depthwise-conv2d.js';
import { dropout } from '../../layers/dropout.js';
import { add, concatenate, multiply } from '../../layers/merging.js';
import { operationDraft, plus, times } from '../../layers/operation.js';
import { cropping2d, zeroPadding2d } from '../../layers/padding.js';
import {
  averagePooling2d,
  globalAveragePooling2d,
  globalMaxPooling2d,
  maxPooling2d,
} from '../../layers/pooling.js';
import { rescaling } from '../../layers/rescaling.js';
import { flatten, reshape } from '../../layers/reshaping.js';
import { separableConv2d } from '../../layers/separable-conv2d.js';
import type { LayerDraft } from '../../layers/define.js';
import type { LayerGraph } from '../../models/layer-graph.js';
import { NetBuilder, type Feature } from '../../models/net-builder.js';

/** A small graph of one input and one output. */
export interface LayerCase {
  readonly name: string;
  readonly graph: LayerGraph;
}

type Body = (x: Feature) => Feature;

const chain =
  (...drafts: LayerDraft[]): Body =>
  (x) =>
    drafts.reduce((y, draft) => x.net.add(draft, y), x);

const conv3 = (strides = 1) =>
  conv2d({ filters: 6, kernelSize: 3, strides, padding: 'same', useBias: false });

/** What follows the input [9, 8, 4] of each case. */
const PICTURES: Readonly<Record<string, Body>> = {
  'convolution, batch norm, ReLU': chain(conv3(), batchNormalization(), relu()),
  'convolution with bias, ReLU6 inside': chain(
    conv2d({ filters: 5, kernelSize: [3, 2], strides: [1, 2], activation: 'relu6' }),
  ),
  'convolution, hard swish': chain(conv3(2), batchNormalization(), activation('hard_silu')),
  'convolution, softmax inside': chain(conv2d({ filters: 3, kernelSize: 1, activation: 'softmax' })),
  'convolution, swish': chain(conv2d({ filters: 3, kernelSize: 1, activation: 'silu' })),
  'dilated convolution': chain(conv2d({ filters: 3, kernelSize: 3, dilationRate: 2, padding: 'same' })),
  'grouped convolution': chain(
    conv2d({ filters: 6, kernelSize: 3, groups: 2, padding: 'same' }),
    batchNormalization(),
  ),
  'a group per channel': chain(
    conv2d({ filters: 8, kernelSize: 3, groups: 4, padding: 'same' }),
    batchNormalization(),
  ),
  'depthwise convolution': chain(
    depthwiseConv2d({ kernelSize: 3, padding: 'same', useBias: false }),
    batchNormalization(),
    relu({ maxValue: 6 }),
  ),
  'depthwise convolution, multiplier': chain(
    depthwiseConv2d({ kernelSize: 3, strides: 2, depthMultiplier: 2, padding: 'same' }),
    batchNormalization(),
  ),
  'dilated depthwise convolution': chain(
    depthwiseConv2d({ kernelSize: 3, dilationRate: 2, depthMultiplier: 2, padding: 'same' }),
  ),
  'separable convolution': chain(
    separableConv2d({ filters: 6, kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same' }),
    batchNormalization(),
  ),
  'symmetric padding, stride 2': chain(
    zeroPadding2d([
      [1, 1],
      [1, 1],
    ]),
    conv2d({ filters: 4, kernelSize: 3, strides: 2 }),
  ),
  'Keras padding, stride 2': chain(
    zeroPadding2d([
      [1, 1],
      [0, 1],
    ]),
    depthwiseConv2d({ kernelSize: 3, strides: 2, useBias: false }),
    batchNormalization(),
  ),
  'padding read twice': (x) => {
    const padded = x.net.add(
      zeroPadding2d([
        [1, 0],
        [2, 1],
      ]),
      x,
    );
    const pooled = x.net.add(maxPooling2d({ poolSize: 3, strides: 1 }), padded);
    return x.net.add(add(), [pooled, x.net.add(conv2d({ filters: 4, kernelSize: 3 }), padded)]);
  },
  'batch norm before its convolution': chain(batchNormalization(), conv2d({ filters: 4, kernelSize: 1 })),
  'batch norm before padding': chain(batchNormalization(), conv3()),
  'batch norm before ReLU': chain(batchNormalization(), relu(), conv2d({ filters: 4, kernelSize: 1 })),
  'batch norm before a depthwise convolution': chain(
    batchNormalization(),
    depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 }),
  ),
  'batch norm before a grouped convolution': chain(
    batchNormalization(),
    conv2d({ filters: 6, kernelSize: 3, groups: 2 }),
  ),
  'batch norm without scale, twice': chain(
    batchNormalization({ scale: false }),
    batchNormalization({ center: false }),
  ),
  'batch norm read twice': (x) => {
    const y = x.net.add(conv2d({ filters: 4, kernelSize: 1 }), x);
    return x.net.add(add(), [x.net.add(batchNormalization(), y), x.net.add(relu(), y)]);
  },
  'max pooling': chain(maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' })),
  'average pooling': chain(averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' })),
  'average pooling of padded pictures': chain(
    zeroPadding2d([
      [1, 1],
      [1, 1],
    ]),
    averagePooling2d({ poolSize: 3, strides: 2 }),
    relu(),
  ),
  'every second pixel': chain(averagePooling2d({ poolSize: 1, strides: 2 })),
  'global average': chain(globalAveragePooling2d()),
  'global average, pixel kept': chain(globalAveragePooling2d({ keepdims: true })),
  'global maximum': chain(globalMaxPooling2d()),
  'global maximum, pixel kept': chain(globalMaxPooling2d({ keepdims: true })),
  cropping: chain(
    cropping2d([
      [1, 0],
      [2, 1],
    ]),
  ),
  'padding by itself': chain(
    zeroPadding2d([
      [0, 1],
      [2, 0],
    ]),
    relu(),
  ),
  concatenation: (x) => x.net.add(concatenate(), [x, x.net.add(conv3(), x), x]),
  'concatenation of rows': (x) => x.net.add(concatenate(1), [x, x.net.add(relu(), x)]),
  'squeeze and excite': (x) => {
    const pooled = x.net.add(globalAveragePooling2d({ keepdims: true }), x);
    const y = chain(
      conv2d({ filters: 4, kernelSize: 1 }),
      plus(3),
      relu({ maxValue: 6 }),
      times(1 / 6),
    )(pooled);
    return x.net.add(multiply(), [x, y]);
  },
  'hard sigmoid by name': chain(activation('hard_sigmoid')),
  'sigmoid and tanh': chain(activation('sigmoid'), activation('tanh')),
  'sum of three': (x) => x.net.add(add(), [x, x.net.add(relu(), x), x.net.add(activation('tanh'), x)]),
  'difference and quotient': (x) => {
    const positive = x.net.add(plus(5), x.net.add(relu(), x));
    const difference = x.net.add(operationDraft('Subtract'), [x, positive]);
    return x.net.add(operationDraft('TrueDivide'), [difference, positive]);
  },
  'numbers on the left': chain(
    relu(),
    operationDraft('Subtract', { value: 2, side: 'left' }),
    operationDraft('Add', { value: 9, side: 'left' }),
    relu({ maxValue: 6 }),
    operationDraft('Add', { value: 1, side: 'right' }),
    operationDraft('TrueDivide', { value: 3, side: 'left' }),
  ),
  'leaky ReLU with a bound': chain(relu({ negativeSlope: 0.2, maxValue: 0.5 })),
  'leaky ReLU, steep': chain(relu({ negativeSlope: 1.5 })),
  'ReLU with a bound': chain(relu({ maxValue: 0.7 })),
  rescaling: chain(rescaling([0.5, 2, 1, -1], [1, 0, -1, 0.5]), conv3()),
  dropout: chain(dropout(0.5), conv3(), dropout(0.2), relu()),
  'flatten to a dense layer': chain(
    maxPooling2d(),
    flatten(),
    dense({ units: 5, activation: 'relu' }),
    batchNormalization(),
  ),
  'batch norm before a dense layer': chain(
    globalAveragePooling2d(),
    batchNormalization(),
    dropout(0.5),
    dense({ units: 5 }),
  ),
  'dense, softmax layer': chain(flatten(), dense({ units: 5, useBias: false }), softmax()),
  'reshape to another picture': chain(reshape([4, 9, 8])),
  'reshape to a pixel': chain(
    globalAveragePooling2d(),
    reshape([1, 1, 4]),
    conv2d({ filters: 3, kernelSize: 1 }),
  ),
  'reshape to rows': chain(conv3(), reshape([72, 6]), relu()),
};

/** A graph for each kind of layer that Mien knows, and for each way of fusing them. */
export const LAYER_CASES: readonly LayerCase[] = Object.entries(PICTURES).map(([name, body]) => {
  const net = new NetBuilder();
  return { name, graph: net.build('small', [body(net.input([9, 8, 4]))]) };
});
