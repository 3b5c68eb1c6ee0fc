import type { Random } from '../core/random.js';
import type { Erasing } from './augment-options.js';
import type { Planes } from './warp.js';

/** A rectangle of pixels. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Draws that may fail to fit before the picture stays whole. */
const attempts = 10;

/**
 * Draws the rectangle of random erasing (Zhong et al. 2017, arXiv:1708.04896): area and aspect evenly from
 * their ranges, place evenly among those that fit; undefined when ten draws did not fit.
 */
export function drawEraseBox(
  random: Random,
  height: number,
  width: number,
  { area, aspect }: Pick<Erasing, 'area' | 'aspect'>,
): Box | undefined {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const pixels = random.between(area[0], area[1]) * height * width;
    const ratio = random.between(aspect[0], aspect[1]);
    const h = Math.round(Math.sqrt(pixels * ratio));
    const w = Math.round(Math.sqrt(pixels / ratio));
    if (h < 1 || w < 1 || h > height || w > width) continue;
    return { top: random.integer(height - h + 1), left: random.integer(width - w + 1), height: h, width: w };
  }
  return undefined;
}

/** Fills a rectangle of `[channel, row, column]` planes with the picture's mean or with noise, in place. */
export function eraseBox(
  target: Planes,
  format: { readonly height: number; readonly width: number; readonly channels: number },
  box: Box,
  fill: Erasing['fill'],
  random: Random,
): void {
  const size = format.height * format.width;
  for (let channel = 0; channel < format.channels; channel++) {
    const plane = target.data.subarray(target.offset + channel * size, target.offset + (channel + 1) * size);
    const mean = fill === 'mean' ? meanOf(plane) : 0;
    for (let row = box.top; row < box.top + box.height; row++) {
      const start = row * format.width + box.left;
      if (fill === 'mean') plane.fill(mean, start, start + box.width);
      else for (let p = start; p < start + box.width; p++) plane[p] = random.between(0, 255);
    }
  }
}

function meanOf(plane: Float32Array): number {
  let sum = 0;
  for (let p = 0; p < plane.length; p++) sum += plane[p] as number;
  return sum / plane.length;
}
