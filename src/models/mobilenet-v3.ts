import type { ActivationName } from '../layers/activations.js';
import { activation, relu } from '../layers/activation.js';
import { batchNormalization } from '../layers/batch-normalization.js';
import { conv2d } from '../layers/conv2d.js';
import { depthwiseConv2d } from '../layers/depthwise-conv2d.js';
import { dropout } from '../layers/dropout.js';
import { add, multiply } from '../layers/merging.js';
import { plus, times } from '../layers/operation.js';
import { zeroPadding2d } from '../layers/padding.js';
import { globalAveragePooling2d } from '../layers/pooling.js';
import { rescaling } from '../layers/rescaling.js';
import { flatten } from '../layers/reshaping.js';
import { kerasSides, symmetricSides } from './keras-padding.js';
import type { LayerGraph } from './layer-graph.js';
import { NetBuilder, type Feature } from './net-builder.js';
import { checkImageShape, type NetOptions, type PaddingRule } from './net-options.js';

/** Activation of a block: ReLU or hard-swish. */
export type BlockActivation = 'RE' | 'HS';

/** One inverted residual block (Howard et al., Searching for MobileNetV3, 2019, tables 1 and 2). */
export interface Block {
  /** Width inside the block, as a multiple of its input's. */
  readonly expansion: number;
  /** Output channels before `alpha`. */
  readonly filters: number;
  readonly kernel: 3 | 5;
  readonly stride: 1 | 2;
  readonly squeezeExcite: boolean;
  readonly activation: BlockActivation;
}

/** A row of a MobileNetV3's table. */
export function block(
  expansion: number,
  filters: number,
  kernel: 3 | 5,
  stride: 1 | 2,
  squeezeExcite: boolean,
  activation: BlockActivation,
): Block {
  return { expansion, filters, kernel, stride, squeezeExcite, activation };
}

/** What tells one MobileNetV3 from another. */
export interface MobileNetV3Table {
  /** Keras's model name. */
  readonly name: string;
  readonly blocks: readonly Block[];
  /** Width of the layer before the classifier, before `alpha`. */
  readonly lastChannels: number;
}

/** Options of the MobileNetV3 family. */
export interface MobileNetV3Options extends NetOptions {
  /** Multiplies the widths of all blocks. */
  readonly alpha?: number;
  /** Without 5×5 kernels, squeeze-and-excite and hard-swish. */
  readonly minimalistic?: boolean;
}

interface Style {
  readonly padding: PaddingRule;
  readonly epsilon: number;
  readonly activation: BlockActivation;
}

/**
 * A MobileNetV3 with Keras's layer names and order.
 * @throws InputError when the picture is smaller than 32×32
 */
export function mobileNetV3(table: MobileNetV3Table, options: MobileNetV3Options): LayerGraph {
  const { inputShape, alpha = 1, minimalistic = false, includePreprocessing = false } = options;
  checkImageShape(table.name, inputShape, 32);
  const style: Style = {
    padding: options.weights?.padding ?? 'keras',
    epsilon: options.weights?.epsilon ?? 1e-3,
    activation: minimalistic ? 'RE' : 'HS',
  };
  const net = new NetBuilder();
  const image = net.input(inputShape);
  const pixels = includePreprocessing ? net.add(rescaling(1 / 127.5, -1), image) : image;
  const blocks = minimalistic ? table.blocks.map(minimal) : table.blocks;
  let x = stem(pixels, style);
  for (const [i, block] of blocks.entries()) x = residual(x, widened(block, alpha), i, style);
  x = pointwise(x, roundChannels(channelsOf(x) * 6), 'conv_1', style);
  x = act(x, style.activation);
  if (options.includeTop === undefined) return net.build(table.name, [x]);
  const last = alpha > 1 ? roundChannels(table.lastChannels * alpha) : table.lastChannels;
  return net.build(table.name, [classifier(x, last, options.includeTop.classes, style)]);
}

/** Rounds a width to a multiple of 8 without losing more than a tenth of it. */
export function roundChannels(width: number): number {
  const rounded = Math.max(8, Math.floor((width + 4) / 8) * 8);
  return rounded < 0.9 * width ? rounded + 8 : rounded;
}

function stem(image: Feature, style: Style): Feature {
  const { net } = image;
  const symmetric = style.padding === 'symmetric';
  const padded = symmetric ? net.add(zeroPadding2d(symmetricSides(3)), image, 'conv_pad') : image;
  const padding = symmetric ? 'valid' : 'same';
  const options = { filters: 16, kernelSize: 3, strides: 2, padding, useBias: false } as const;
  return act(norm(net.add(conv2d(options), padded, 'conv'), 'conv_bn', style), style.activation);
}

function residual(input: Feature, block: Block, index: number, style: Style): Feature {
  const prefix = index === 0 ? 'expanded_conv_' : `expanded_conv_${index}_`;
  const inner = roundChannels(channelsOf(input) * block.expansion);
  let x = input;
  if (index > 0) x = act(pointwise(x, inner, `${prefix}expand`, style), block.activation);
  x = act(depthwise(x, block, prefix, style), block.activation);
  if (block.squeezeExcite) x = squeezeExcite(x, inner, prefix);
  x = pointwise(x, block.filters, `${prefix}project`, style);
  const addable = block.stride === 1 && channelsOf(input) === block.filters;
  return addable ? x.net.add(add(), [input, x], `${prefix}add`) : x;
}

function depthwise(x: Feature, block: Block, prefix: string, style: Style): Feature {
  const { net } = x;
  const { kernel: kernelSize, stride: strides } = block;
  const sides =
    style.padding === 'symmetric' ? (_: Feature, size: number) => symmetricSides(size) : kerasSides;
  const padded =
    strides === 1 ? x : net.add(zeroPadding2d(sides(x, kernelSize)), x, `${prefix}depthwise_pad`);
  const padding = strides === 1 ? 'same' : 'valid';
  const options = { kernelSize, strides, padding, useBias: false } as const;
  return norm(
    net.add(depthwiseConv2d(options), padded, `${prefix}depthwise`),
    `${prefix}depthwise_bn`,
    style,
  );
}

/** Hu et al., Squeeze-and-Excitation Networks, 2018, with a hard sigmoid as gate. */
function squeezeExcite(input: Feature, width: number, prefix: string): Feature {
  const { net } = input;
  const name = (part: string) => `${prefix}squeeze_excite_${part}`;
  const conv = (filters: number) => conv2d({ filters, kernelSize: 1, padding: 'same' });
  let x = net.add(globalAveragePooling2d({ keepdims: true }), input, name('avg_pool'));
  x = net.add(conv(roundChannels(width * 0.25)), x, name('conv'));
  x = net.add(relu(), x, name('relu'));
  x = net.add(conv(width), x, name('conv_1'));
  // Keras spells the hard sigmoid out: relu6(x + 3) / 6.
  x = net.add(times(1 / 6), net.add(relu({ maxValue: 6 }), net.add(plus(3), x)));
  return net.add(multiply(), [input, x], name('mul'));
}

function classifier(features: Feature, width: number, classes: number, style: Style): Feature {
  const { net } = features;
  const conv = (filters: number) => conv2d({ filters, kernelSize: 1, padding: 'same' });
  let x = net.add(globalAveragePooling2d({ keepdims: true }), features);
  x = act(net.add(conv(width), x, 'conv_2'), style.activation);
  x = net.add(dropout(0.2), x);
  x = net.add(flatten(), net.add(conv(classes), x, 'logits'));
  return net.add(activation('softmax'), x, 'predictions');
}

function pointwise(x: Feature, filters: number, name: string, style: Style): Feature {
  const conv = conv2d({ filters, kernelSize: 1, padding: 'same', useBias: false });
  return norm(x.net.add(conv, x, name), `${name}_bn`, style);
}

function norm(x: Feature, name: string, { epsilon }: Style): Feature {
  return x.net.add(batchNormalization({ epsilon, momentum: 0.999 }), x, name);
}

function act(x: Feature, kind: BlockActivation): Feature {
  const hardSwish: ActivationName = 'hard_silu';
  return x.net.add(kind === 'RE' ? relu() : activation(hardSwish), x);
}

function minimal(block: Block): Block {
  return { ...block, kernel: 3, squeezeExcite: false, activation: 'RE' };
}

function widened(block: Block, alpha: number): Block {
  return { ...block, filters: roundChannels(block.filters * alpha) };
}

function channelsOf({ shape }: Feature): number {
  return shape[2] ?? 1;
}
