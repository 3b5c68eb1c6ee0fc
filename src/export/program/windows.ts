import type { Shape } from '../../core/tensor.js';
import type { ConfigReader } from '../../layers/config-reader.js';
import { windowPads, type Window } from '../../layers/spatial.js';
import type { SlidingWindow } from './program.js';

/** A layer's window over pictures [N, H, W, C], padding counted. */
export function slidingWindow(window: Window, [, height = 1, width = 1]: Shape = []): SlidingWindow {
  const { kernelSize: size, strides, dilationRate: dilations } = window;
  return { size, strides, dilations, pads: windowPads(window, [height, width]) };
}

/** The window of a pooling layer. */
export function windowOfPool(reader: ConfigReader, shape: Shape | undefined): SlidingWindow {
  const kernelSize = reader.pair('pool_size', [2, 2]);
  const strides = reader.pair('strides', kernelSize);
  const padding = reader.oneOf('padding', ['valid', 'same'], 'valid');
  return slidingWindow({ kernelSize, strides, padding, dilationRate: [1, 1] }, shape);
}

/** A window of one pixel. */
export const POINT: SlidingWindow = {
  size: [1, 1],
  strides: [1, 1],
  dilations: [1, 1],
  pads: [0, 0, 0, 0],
};

/** Whether a window pads nothing. */
export function isUnpadded({ pads }: SlidingWindow): boolean {
  return pads.every((amount) => amount === 0);
}
