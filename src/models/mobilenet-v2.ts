import { relu } from '../layers/activation.js';
import { batchNormalization } from '../layers/batch-normalization.js';
import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { depthwiseConv2d } from '../layers/depthwise-conv2d.js';
import { add } from '../layers/merging.js';
import { zeroPadding2d } from '../layers/padding.js';
import { globalAveragePooling2d } from '../layers/pooling.js';
import { kerasSides } from './keras-padding.js';
import type { LayerGraph } from './layer-graph.js';
import { roundChannels } from './mobilenet-v3.js';
import { NetBuilder, type Feature } from './net-builder.js';
import { checkImageShape, withoutPreprocessing, type NetOptions } from './net-options.js';

/** Options of {@link mobileNetV2}. */
export interface MobileNetV2Options extends NetOptions {
  /** Multiplies the widths of all blocks. */
  readonly alpha?: number;
}

/** [expansion, output channels, repetitions, stride of the first] (Sandler et al. 2018, table 2). */
const TABLE = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

interface Block {
  readonly index: number;
  readonly expansion: number;
  readonly filters: number;
  readonly stride: number;
}

/**
 * MobileNetV2, 2,257,984 parameters without top (Sandler et al., Inverted Residuals and Linear Bottlenecks, 2018;
 * `keras.applications.MobileNetV2`): layer names, order and padding are Keras's.
 *
 * Input [H, W, C]; output without top [⌈H/32⌉, ⌈W/32⌉, 1280].
 *
 * @throws InputError when the picture is smaller than 32×32
 * @example const backbone = mobileNetV2({ inputShape: [96, 96, 3] });
 */
export function mobileNetV2(options: MobileNetV2Options): LayerGraph {
  const { inputShape, alpha = 1, includeTop } = options;
  checkImageShape('mobileNetV2', inputShape, 32);
  withoutPreprocessing('mobileNetV2', options);
  const net = new NetBuilder();
  const epsilon = options.weights?.epsilon ?? 1e-3;
  const norm = (x: Feature, name: string) =>
    net.add(batchNormalization({ epsilon, momentum: 0.999 }), x, name);
  const stem = { filters: roundChannels(32 * alpha), kernelSize: 3, strides: 2, padding: 'same' } as const;
  let x = net.add(conv2d({ ...stem, useBias: false }), net.input(inputShape), 'Conv1');
  x = net.add(relu({ maxValue: 6 }), norm(x, 'bn_Conv1'), 'Conv1_relu');
  for (const block of blocksOf(alpha)) x = residual(x, block, norm);
  const width = alpha > 1 ? roundChannels(1280 * alpha) : 1280;
  x = net.add(conv2d({ filters: width, kernelSize: 1, useBias: false }), x, 'Conv_1');
  x = net.add(relu({ maxValue: 6 }), norm(x, 'Conv_1_bn'), 'out_relu');
  const name = `mobilenetv2_${alpha.toFixed(2)}_${inputShape[0]}`;
  if (includeTop === undefined) return net.build(name, [x]);
  const top = dense({ units: includeTop.classes, activation: 'softmax' });
  return net.build(name, [net.add(top, net.add(globalAveragePooling2d(), x), 'predictions')]);
}

function blocksOf(alpha: number): Block[] {
  const rows = TABLE.flatMap(([expansion, channels, times, stride]) =>
    Array.from({ length: times }, (_, i) => ({
      expansion,
      filters: roundChannels(Math.floor(channels * alpha)),
      stride: i === 0 ? stride : 1,
    })),
  );
  return rows.map((row, index) => ({ ...row, index }));
}

function residual(
  input: Feature,
  { index, expansion, filters, stride }: Block,
  norm: (x: Feature, name: string) => Feature,
): Feature {
  const { net } = input;
  const name = (part: string) => (index === 0 ? `expanded_conv_${part}` : `block_${index}_${part}`);
  const channels = input.shape[2] ?? 1;
  const pointwise = (width: number) =>
    conv2d({ filters: width, kernelSize: 1, padding: 'same', useBias: false });
  const relu6 = (x: Feature, part: string) =>
    net.add(relu({ maxValue: 6 }), norm(x, name(`${part}_BN`)), name(`${part}_relu`));
  let x = input;
  if (index > 0) x = relu6(net.add(pointwise(expansion * channels), x, name('expand')), 'expand');
  if (stride === 2) x = net.add(zeroPadding2d(kerasSides(x, 3)), x, name('pad'));
  const padding = stride === 2 ? 'valid' : 'same';
  const spread = depthwiseConv2d({ kernelSize: 3, strides: stride, padding, useBias: false });
  x = relu6(net.add(spread, x, name('depthwise')), 'depthwise');
  x = norm(net.add(pointwise(filters), x, name('project')), name('project_BN'));
  return stride === 1 && channels === filters ? net.add(add(), [input, x], name('add')) : x;
}
