import { at, checkInteger } from '../core/checks.js';
import { createRandom } from '../core/random.js';
import { createAugmenter, toPlanes } from './augment.js';
import type { BatchPlan } from './batches.js';
import { type Batch, allocateBatch, batchShape } from './batches-layout.js';
import { type ImageSet, type Picture, imageBytes } from './images.js';
import { createMixer } from './mixup.js';

/** Pixels between the pictures of a sheet. */
const gap = 2;

/**
 * Draws what a plan does to pictures, for people to look at: one picture of `plan.indices` per row, as it is in
 * the first column and as training might see it in the others. MixUp and CutMix mix the pictures of a column.
 * @throws InputError when a figure is out of range or there are fewer pictures than rows.
 *
 * @example
 * const sheet = augmentationSheet(images, plan, 6, 10);
 */
export function augmentationSheet(
  images: ImageSet,
  plan: Pick<BatchPlan, 'indices' | 'seed' | 'augmentation' | 'mixup' | 'cutmix'>,
  rows: number,
  columns: number,
): Picture {
  checkInteger('rows', rows, 1, plan.indices.length);
  checkInteger('columns', columns, 1);
  const sheet = blankSheet(images, rows, columns);
  const random = createRandom(plan.seed);
  const augment = createAugmenter(images, plan.augmentation);
  const batch = allocateBatch(batchShape(images, rows));
  const mix = createMixer(batchShape(images, rows), plan.mixup, plan.cutmix);
  const length = imageBytes(images);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      const target = { data: batch.x, offset: row * length };
      const start = at(plan.indices, row) * length;
      if (column === 0) toPlanes(images.pixels, start, images, target);
      else augment(images.pixels, start, random.fork('augment', column - 1, row), target);
    }
    if (column > 0) mix(batch, random.fork('mix', column - 1, 0));
    drawColumn(sheet, images, batch, column);
  }
  return sheet;
}

function blankSheet({ height, width, channels }: ImageSet, rows: number, columns: number): Picture {
  const size = { height: rows * (height + gap) - gap, width: columns * (width + gap) - gap };
  return { ...size, channels, pixels: new Uint8Array(size.height * size.width * channels).fill(255) };
}

function drawColumn(sheet: Picture, images: ImageSet, { x, count }: Batch, column: number): void {
  const { height, width, channels } = images;
  for (let line = 0; line < count * height; line++) {
    const [row, y] = [Math.floor(line / height), line % height];
    const start = ((row * (height + gap) + y) * sheet.width + column * (width + gap)) * channels;
    for (let i = 0; i < width * channels; i++) {
      const [place, channel] = [Math.floor(i / channels), i % channels];
      const value = at(x, ((row * channels + channel) * height + y) * width + place);
      sheet.pixels[start + i] = Math.round(value);
    }
  }
}
