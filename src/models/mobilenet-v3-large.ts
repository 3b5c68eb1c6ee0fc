import type { LayerGraph } from './layer-graph.js';
import { block, mobileNetV3, type Block, type MobileNetV3Options } from './mobilenet-v3.js';

/**
 * MobileNetV3-Large, 2,996,352 parameters without top (Howard et al., Searching for MobileNetV3, 2019, table 1;
 * `keras.applications.MobileNetV3Large`): layer names, order and padding are Keras's.
 *
 * Input [H, W, C]; output without top [⌈H/32⌉, ⌈W/32⌉, 960].
 *
 * @throws InputError when the picture is smaller than 32×32
 * @example const backbone = mobileNetV3Large({ inputShape: [128, 128, 3] });
 */
export function mobileNetV3Large(options: MobileNetV3Options): LayerGraph {
  return mobileNetV3({ name: 'MobileNetV3Large', blocks: BLOCKS, lastChannels: 1280 }, options);
}

// Keras's expansions; the comments give the paper's widths inside the block.
const BLOCKS: readonly Block[] = [
  block(1, 16, 3, 1, false, 'RE'), // 16
  block(4, 24, 3, 2, false, 'RE'), // 64
  block(3, 24, 3, 1, false, 'RE'), // 72
  block(3, 40, 5, 2, true, 'RE'), // 72
  block(3, 40, 5, 1, true, 'RE'), // 120
  block(3, 40, 5, 1, true, 'RE'), // 120
  block(6, 80, 3, 2, false, 'HS'), // 240
  block(2.5, 80, 3, 1, false, 'HS'), // 200
  block(2.3, 80, 3, 1, false, 'HS'), // 184
  block(2.3, 80, 3, 1, false, 'HS'), // 184
  block(6, 112, 3, 1, true, 'HS'), // 480
  block(6, 112, 3, 1, true, 'HS'), // 672
  block(6, 160, 5, 2, true, 'HS'), // 672
  block(6, 160, 5, 1, true, 'HS'), // 960
  block(6, 160, 5, 1, true, 'HS'), // 960
];
