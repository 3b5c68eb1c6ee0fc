import type { Shape } from '../../core/tensor.js';
import { readWindow } from '../../layers/conv2d.js';
import { permuteAxes } from '../../layers/permute.js';
import type { LayerContext } from './layer-context.js';
import { POINT, slidingWindow } from './windows.js';

/** HWIO → OHWI. */
const TO_OHWI = [3, 0, 1, 2];

/** Keras `Conv2D`; a group per channel makes it a depthwise convolution. */
export function convSteps(context: LayerContext, name: string): string {
  const { builder, reader, inputs, shapes, weight } = context;
  const shape = context.shape;
  const window = slidingWindow(readWindow(reader), shapes[0]);
  const groups = reader.integer('groups', 1);
  const [channels, filters] = [lastOf(shapes[0]), lastOf(shape)];
  const bias = biasOf(context, filters);
  const kernel = weight('kernel');
  if (groups > 1 && groups === channels) {
    const multiplier = filters / channels;
    return builder.add({ kind: 'depthwise', window, kernel, bias, multiplier }, { name, inputs, shape });
  }
  const ohwi = permuteAxes(kernel, [...window.size, channels / groups, filters], TO_OHWI);
  return builder.add({ kind: 'conv', window, kernel: ohwi, bias, groups }, { name, inputs, shape });
}

/** Keras `DepthwiseConv2D`. */
export function depthwiseSteps(context: LayerContext, name: string): string {
  const { builder, reader, inputs, shapes, shape, weight } = context;
  const window = slidingWindow(readWindow(reader), shapes[0]);
  const multiplier = reader.integer('depth_multiplier', 1);
  const bias = biasOf(context, lastOf(shape));
  const kernel = weight('kernel');
  return builder.add({ kind: 'depthwise', window, kernel, bias, multiplier }, { name, inputs, shape });
}

/** Keras `SeparableConv2D`: `<name>/depthwise`, then a pointwise convolution. */
export function separableSteps(context: LayerContext, name: string): string {
  const { builder, node, reader, inputs, shapes, shape, weight } = context;
  const window = slidingWindow(readWindow(reader), shapes[0]);
  const multiplier = reader.integer('depth_multiplier', 1);
  const [width, filters] = [lastOf(shapes[0]) * multiplier, lastOf(shape)];
  const kernel = weight('depthwise_kernel');
  const spread = builder.add(
    { kind: 'depthwise', window, kernel, bias: new Float32Array(width), multiplier },
    { name: `${node.name}/depthwise`, inputs, shape: [...shape.slice(0, 3), width] },
  );
  const mix = permuteAxes(weight('pointwise_kernel'), [1, 1, width, filters], TO_OHWI);
  const bias = biasOf(context, filters);
  return builder.add(
    { kind: 'conv', window: POINT, kernel: mix, bias, groups: 1 },
    { name, inputs: [spread], shape },
  );
}

/** Keras `Dense`. */
export function denseSteps(context: LayerContext, name: string): string {
  const { builder, inputs, shapes, shape, weight } = context;
  const [features, units] = [lastOf(shapes[0]), lastOf(shape)];
  const kernel = permuteAxes(weight('kernel'), [features, units], [1, 0]);
  return builder.add({ kind: 'dense', kernel, bias: biasOf(context, units) }, { name, inputs, shape });
}

function biasOf({ reader, weight }: LayerContext, size: number): Float32Array {
  return reader.boolean('use_bias', true) ? weight('bias') : new Float32Array(size);
}

function lastOf(shape: Shape | undefined): number {
  return shape?.at(-1) ?? 1;
}
