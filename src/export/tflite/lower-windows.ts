import type { Shape } from '../../core/tensor.js';
import { windowPads } from '../../layers/spatial.js';
import type { Pads, SlidingWindow } from '../program/program.js';
import { isUnpadded } from '../program/windows.js';
import type { TfliteBuilder } from './program.js';
import { PADDINGS } from './schema.js';

/** An input padded where needed, and the padding that the operator does itself. */
export interface PaddedInput {
  readonly input: number;
  /** One of {@link PADDINGS}. */
  readonly padding: number;
}

/**
 * Padding as TensorFlow Lite knows it: none, or `SAME` where the amounts are what it would take (the odd pixel at the
 * end); anything else, such as PyTorch's even padding before a stride, becomes a PAD of its own.
 */
export function padInput(
  builder: TfliteBuilder,
  input: number,
  window: SlidingWindow,
  name: string,
): PaddedInput {
  if (isUnpadded(window)) return { input, padding: PADDINGS.VALID };
  if (isSame(window, builder.shapeOf(input))) return { input, padding: PADDINGS.SAME };
  return { input: pad(builder, input, window.pads, `${name}/pad`), padding: PADDINGS.VALID };
}

/** Zeros around pictures. */
export function pad(builder: TfliteBuilder, input: number, pads: Pads, name: string): number {
  const [n = 1, h = 1, w = 1, c = 1] = builder.shapeOf(input);
  const [top, left, bottom, right] = pads;
  const amounts = builder.integers([0, 0, top, bottom, left, right, 0, 0], [4, 2]);
  const shape = [n, h + top + bottom, w + left + right, c];
  return builder.operator('PAD', { inputs: [input, amounts], output: { name, shape } });
}

function isSame(
  { size, strides, dilations, pads }: SlidingWindow,
  [, height = 1, width = 1]: Shape,
): boolean {
  const window = { kernelSize: size, strides, dilationRate: dilations, padding: 'same' } as const;
  return windowPads(window, [height, width]).every((amount, side) => amount === pads[side]);
}
