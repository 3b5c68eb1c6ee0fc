import type { LayerGraph } from './layer-graph.js';
import { block, mobileNetV3, type Block, type MobileNetV3Options } from './mobilenet-v3.js';

/**
 * MobileNetV3-Small, 939,120 parameters without top (Howard et al., Searching for MobileNetV3, 2019, table 2;
 * `keras.applications.MobileNetV3Small`): layer names, order and padding are Keras's.
 *
 * Input [H, W, C]; output without top [⌈H/32⌉, ⌈W/32⌉, 576].
 *
 * @throws InputError when the picture is smaller than 32×32
 * @example const backbone = mobileNetV3Small({ inputShape: [128, 128, 3], weights: findRecord('mobileNetV3Small', 'torchvision') });
 */
export function mobileNetV3Small(options: MobileNetV3Options): LayerGraph {
  return mobileNetV3({ name: 'MobileNetV3Small', blocks: BLOCKS, lastChannels: 1024 }, options);
}

// Keras's expansions; the comments give the paper's widths inside the block.
const BLOCKS: readonly Block[] = [
  block(1, 16, 3, 2, true, 'RE'), // 16
  block(72 / 16, 24, 3, 2, false, 'RE'), // 72
  block(88 / 24, 24, 3, 1, false, 'RE'), // 88
  block(4, 40, 5, 2, true, 'HS'), // 96
  block(6, 40, 5, 1, true, 'HS'), // 240
  block(6, 40, 5, 1, true, 'HS'), // 240
  block(3, 48, 5, 1, true, 'HS'), // 120
  block(3, 48, 5, 1, true, 'HS'), // 144
  block(6, 96, 5, 2, true, 'HS'), // 288
  block(6, 96, 5, 1, true, 'HS'), // 576
  block(6, 96, 5, 1, true, 'HS'), // 576
];
