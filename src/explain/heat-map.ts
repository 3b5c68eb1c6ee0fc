import type { Picture } from '../data/images.js';
import { toColour } from '../data/to-colour.js';

/** A map over a picture, row by row, each value in [0, 1]. */
export interface HeatMap {
  readonly width: number;
  readonly height: number;
  /** Length `width * height`. */
  readonly values: Float32Array;
}

/**
 * A map's value at any place, between the centres of its cells by bilinear interpolation.
 * @param x place in [0, 1] from left to right
 * @param y place in [0, 1] from top to bottom
 */
export function valueAt({ width, height, values }: HeatMap, x: number, y: number): number {
  const [left, dx] = cell(x, width);
  const [top, dy] = cell(y, height);
  const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
  const at = (row: number, column: number) => values[row * width + column] ?? 0;
  const upper = at(top, left) * (1 - dx) + at(top, right) * dx;
  const lower = at(bottom, left) * (1 - dx) + at(bottom, right) * dx;
  return upper * (1 - dy) + lower * dy;
}

function cell(place: number, cells: number): readonly [index: number, rest: number] {
  const position = Math.min(cells - 1, Math.max(0, place * cells - 0.5));
  return [Math.floor(position), position - Math.floor(position)];
}

/** Colour of the highest values. */
const HOT = [255, 70, 20] as const;
/** Share of the colour where the map is 1. */
const STRONGEST = 0.7;

/**
 * A picture in grey under a map in red, of the picture's size: `[row, column, channel]`, RGB.
 * @example await sharp(overlay(picture, map).pixels, { raw: { width, height, channels: 3 } }).toFile('why.png');
 */
export function overlay(picture: Picture, map: HeatMap): Picture {
  const { width, height } = picture;
  const luma = toColour(picture, 'grey').pixels;
  const pixels = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const share =
      STRONGEST * valueAt(map, ((i % width) + 0.5) / width, (Math.floor(i / width) + 0.5) / height);
    const grey = luma[i] ?? 0;
    HOT.forEach((hot, c) => (pixels[3 * i + c] = Math.round(grey * (1 - share) + hot * share)));
  }
  return { width, height, channels: 3, pixels };
}
