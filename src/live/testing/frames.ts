import type { Frame } from '../frame.js';

/** A small frame; `released` counts how often it was given back. */
export function makeFrame(
  index: number,
  { width = 4, height = 2, fill = 0 }: { width?: number; height?: number; fill?: number } = {},
): Frame & { readonly released: () => number } {
  let released = 0;
  return {
    index,
    time: index / 25,
    arrived: performance.now(),
    width,
    height,
    channels: 3,
    pixels: new Uint8Array(width * height * 3).fill(fill),
    release: () => {
      released++;
    },
    released: () => released,
  };
}
