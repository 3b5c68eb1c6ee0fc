import type { ImageSet } from './images.js';

/** Pictures and labels of one training or evaluation step. */
export interface Batch {
  /** Pictures `[N, channel, row, column]`, 0..255. */
  readonly x: Float32Array;
  /** Label rows `[N, classes]`, each summing to 1. */
  readonly y: Float32Array;
  /** Weight of each sample `[N]`: its class weight, mixed as its label is; 0 for padding. */
  readonly weight: Float32Array;
  /** Real samples; the rows after them are padding. */
  readonly count: number;
}

/** Sizes of a batch. */
export interface BatchShape {
  readonly batchSize: number;
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  readonly classes: number;
}

/** The shape of batches of `batchSize` images of a set. */
export function batchShape(images: ImageSet, batchSize: number): BatchShape {
  const { channels, height, width, classes } = images;
  return { batchSize, channels, height, width, classes: classes.length };
}

/** Bytes of a batch's three arrays together. */
export function batchBytes(shape: BatchShape): number {
  return 4 * shape.batchSize * (pictureLength(shape) + shape.classes + 1);
}

/** A batch of zeros; `buffer`, when given, holds its arrays one after the other and may be shared memory. */
export function allocateBatch(
  shape: BatchShape,
  count = shape.batchSize,
  buffer: ArrayBufferLike = new ArrayBuffer(batchBytes(shape)),
): Batch {
  const { batchSize, classes } = shape;
  const x = new Float32Array(buffer, 0, batchSize * pictureLength(shape));
  const y = new Float32Array(buffer, x.byteLength, batchSize * classes);
  const weight = new Float32Array(buffer, x.byteLength + y.byteLength, batchSize);
  return { x, y, weight, count };
}

function pictureLength({ channels, height, width }: BatchShape): number {
  return channels * height * width;
}
