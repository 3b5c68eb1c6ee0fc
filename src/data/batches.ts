import { at, checkInteger } from '../core/checks.js';
import { GraphError, InputError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { type Augmentation, createAugmenter, toPlanes } from './augment.js';
import { type Batch, type BatchShape, allocateBatch, batchShape } from './batches-layout.js';
import { type ImageSet, imageBytes, imageCount } from './images.js';
import { type CutMix, type MixUp, createMixer } from './mixup.js';

export { type Batch, type BatchShape, allocateBatch, batchShape } from './batches-layout.js';

/** Everything that decides which training batches come, in which order; a plain record. */
export interface BatchPlan {
  readonly batchSize: number;
  readonly seed: number;
  /** Images to draw from, after split and oversampling; an image may come more than once. */
  readonly indices: Int32Array;
  /** Weight of each class, in the order of the set's classes; all 1 when left out. */
  readonly classWeights?: readonly number[];
  readonly augmentation: Augmentation;
  readonly mixup?: MixUp;
  readonly cutmix?: CutMix;
  /** Label rows `[image, classes]` over the whole set, each summing to 1, in place of one-hot labels. */
  readonly softLabels?: Float32Array;
}

/** Makes any batch of any epoch, without state: a resumed run asks for the batch that comes next. */
export interface BatchMaker {
  readonly batchesPerEpoch: number;
  readonly shape: BatchShape;
  /**
   * Makes batch `index` of `epoch` (both from 0), into `out` when it is given.
   * @throws InputError when `index` is not one of the epoch's batches.
   */
  make(epoch: number, index: number, out?: Batch): Batch;
}

/**
 * Prepares training batches: each epoch is a shuffle of `plan.indices`, cut into full batches; what is left at
 * the end is dropped. Pictures are augmented by the stream `fork('augment', epoch, position in the epoch)`.
 * A batch is a function of images, plan, epoch and index only.
 * @throws InputError when the plan does not fit the images.
 *
 * @example
 * const maker = createBatchMaker(images, { batchSize: 32, seed: 1, indices, augmentation: defaultAugmentation });
 * const { x, y } = maker.make(0, 0);
 */
export function createBatchMaker(images: ImageSet, plan: BatchPlan): BatchMaker {
  checkPlan(images, plan);
  const { batchSize } = plan;
  const random = createRandom(plan.seed);
  const shape = batchShape(images, batchSize);
  const augment = createAugmenter(images, plan.augmentation);
  const mix = createMixer({ ...shape, batchSize }, plan.mixup, plan.cutmix);
  const batchesPerEpoch = Math.floor(plan.indices.length / batchSize);
  const length = imageBytes(images);
  let shuffled: { epoch: number; order: number[] } | undefined;
  const orderOf = (epoch: number) => {
    if (shuffled?.epoch !== epoch) {
      shuffled = { epoch, order: random.fork('order', epoch).shuffle(Array.from(plan.indices)) };
    }
    return shuffled.order;
  };
  return {
    batchesPerEpoch,
    shape,
    make(epoch, index, out = allocateBatch(shape)) {
      checkInteger('batch index', index, 0, batchesPerEpoch - 1);
      checkFits(out, shape);
      const order = orderOf(checkInteger('epoch', epoch, 0));
      for (let row = 0; row < batchSize; row++) {
        const position = index * batchSize + row;
        const image = at(order, position);
        const stream = random.fork('augment', epoch, position);
        augment(images.pixels, image * length, stream, { data: out.x, offset: row * length });
        fillLabels(images, plan, image, out, row);
      }
      mix(out, random.fork('mix', epoch, index));
      return out;
    },
  };
}

/**
 * Batches for evaluation: the images at `indices` in order, unchanged, one-hot labels, weight 1. The last batch
 * is filled up with copies of its last image at weight 0, and `count` says how many rows are real.
 * @throws InputError when the batch size or an index is out of range.
 */
export function* evaluationBatches(
  images: ImageSet,
  indices: ArrayLike<number>,
  batchSize: number,
): Generator<Batch, void, undefined> {
  checkInteger('batch size', batchSize, 1);
  checkIndices(images, indices);
  const length = imageBytes(images);
  const shape = batchShape(images, batchSize);
  for (let first = 0; first < indices.length; first += batchSize) {
    const count = Math.min(batchSize, indices.length - first);
    const batch = allocateBatch(shape, count);
    for (let row = 0; row < batchSize; row++) {
      const image = at(indices, first + Math.min(row, count - 1));
      toPlanes(images.pixels, image * length, images, { data: batch.x, offset: row * length });
      batch.y[row * shape.classes + at(images.labels, image)] = 1;
      batch.weight[row] = row < count ? 1 : 0;
    }
    yield batch;
  }
}

/** Mirrors every picture of `[…, row, column]` data left and right, in place: for averaging over a flip. */
export function flipPictures(x: Float32Array, width: number): void {
  for (let start = 0; start + width <= x.length; start += width) {
    x.subarray(start, start + width).reverse();
  }
}

function fillLabels(images: ImageSet, plan: BatchPlan, image: number, out: Batch, row: number): void {
  const classes = images.classes.length;
  const label = at(images.labels, image);
  if (plan.softLabels === undefined) {
    out.y.fill(0, row * classes, (row + 1) * classes);
    out.y[row * classes + label] = 1;
  } else {
    out.y.set(plan.softLabels.subarray(image * classes, (image + 1) * classes), row * classes);
  }
  // The hard label's weight even with soft labels: class weights are made from counts of hard labels.
  out.weight[row] = plan.classWeights?.[label] ?? 1;
}

function checkPlan(images: ImageSet, plan: BatchPlan): void {
  checkInteger('batch size', plan.batchSize, 1);
  checkIndices(images, plan.indices);
  if (plan.indices.length < plan.batchSize) {
    throw new InputError({
      where: 'batch size',
      received: `${plan.batchSize} with ${plan.indices.length} training images`,
      expected: 'at least one full batch',
      remedy: 'lower the batch size or add images',
    });
  }
  const classes = images.classes.length;
  checkLength('class weights', plan.classWeights, classes, `one weight for each of ${classes} classes`);
  const rows = imageCount(images) * classes;
  checkLength('soft labels', plan.softLabels, rows, `${rows} numbers, one row per image`);
}

function checkLength(
  where: string,
  items: ArrayLike<number> | undefined,
  length: number,
  expected: string,
): void {
  if (items === undefined || items.length === length) return;
  throw new InputError({ where, received: `${items.length} numbers`, expected });
}

function checkIndices(images: ImageSet, indices: ArrayLike<number>): void {
  const last = imageCount(images) - 1;
  for (let i = 0; i < indices.length; i++) checkInteger('image index', at(indices, i), 0, last);
}

function checkFits(batch: Batch, shape: BatchShape): void {
  const fresh = { x: batch.x.length, y: batch.y.length, weight: batch.weight.length };
  const { batchSize, channels, height, width, classes } = shape;
  if (fresh.x === batchSize * channels * height * width && fresh.y === batchSize * classes) {
    if (fresh.weight === batchSize && batch.count === batchSize) return;
  }
  throw new GraphError({
    where: 'make',
    received: 'a batch of another size',
    expected: `${batchSize} pictures of ${channels} x ${height} x ${width} and ${classes} classes`,
  });
}
