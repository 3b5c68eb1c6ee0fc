import { describe, expect, it } from 'vitest';
import { augmentationSheet } from './augment-sheet.js';
import { defaultAugmentation, noAugmentation } from './augment.js';
import { type BatchPlan, createBatchMaker, evaluationBatches, flipPictures } from './batches.js';
import type { ImageSet } from './images.js';

const [height, width] = [6, 5];

/** Picture `i` is flat with value `10·i` (plus 1 and 2 for green and blue); labels go round three classes. */
function flatImages(count: number, channels: 1 | 3 = 1): ImageSet {
  const size = height * width * channels;
  return {
    classes: ['angry', 'happy', 'neutral'],
    height,
    width,
    channels,
    pixels: Uint8Array.from({ length: count * size }, (_, i) => 10 * Math.floor(i / size) + (i % channels)),
    labels: Int32Array.from({ length: count }, (_, i) => i % 3),
    names: Array.from({ length: count }, (_, i) => `${i}.png`),
  };
}

function planOf(count: number, options: Partial<BatchPlan> = {}): BatchPlan {
  const indices = Int32Array.from({ length: count }, (_, i) => i);
  return { batchSize: 4, seed: 9, indices, augmentation: noAugmentation, ...options };
}

/** The image numbers that an epoch of flat pictures shows. */
function epochOf(images: ImageSet, plan: BatchPlan, epoch: number): number[] {
  const maker = createBatchMaker(images, plan);
  const length = height * width * images.channels;
  return Array.from({ length: maker.batchesPerEpoch }, (_, index) => {
    const { x } = maker.make(epoch, index);
    return Array.from({ length: plan.batchSize }, (__, row) => x[row * length]! / 10);
  }).flat();
}

describe('createBatchMaker', () => {
  const images = flatImages(22);

  it('shows every image at most once an epoch, drops the short batch, and shuffles by seed and epoch', () => {
    const first = epochOf(images, planOf(22), 0);
    expect(first).toHaveLength(20);
    expect(new Set(first).size).toBe(20);
    expect(epochOf(images, planOf(22), 0)).toEqual(first);
    expect(epochOf(images, planOf(22), 1)).not.toEqual(first);
    expect(epochOf(images, planOf(22, { seed: 10 }), 0)).not.toEqual(first);
  });

  it('takes an oversampled image as often as it is listed', () => {
    const indices = Int32Array.of(3, 3, 3, 5, 6, 3, 8, 9);
    expect(epochOf(images, planOf(0, { indices }), 2).sort((a, b) => a - b)).toEqual([
      3, 3, 3, 3, 5, 6, 8, 9,
    ]);
  });

  it('is a function of seed, epoch and index, whatever was made before', () => {
    const plan = planOf(22, {
      augmentation: defaultAugmentation,
      mixup: { alpha: 0.4 },
      cutmix: { probability: 0.3 },
    });
    const used = createBatchMaker(images, plan);
    const out = used.make(0, 0);
    for (let index = 0; index < 5; index++) used.make(1, index, out);
    expect(used.make(3, 2, out)).toBe(out);
    expect(out).toEqual(createBatchMaker(images, plan).make(3, 2));
    expect(used.make(3, 3)).not.toEqual(out);
  });

  it('augments and mixes the same image differently in each place of each epoch', () => {
    const indices = new Int32Array(8);
    const plan = planOf(1, { indices, augmentation: { brightness: { delta: 0.5 } } });
    const maker = createBatchMaker(flatImages(1), { ...plan, batchSize: 1 });
    const values = [0, 1].flatMap((epoch) =>
      [...indices.keys()].map((index) => maker.make(epoch, index).x[0]),
    );
    // Half of the draws darken the black picture and end at 0; the bright ones all differ.
    const bright = values.filter((value) => value !== 0);
    expect(bright.length).toBeGreaterThan(3);
    expect(new Set(bright).size).toBe(bright.length);
    const mixing = createBatchMaker(images, planOf(22, { mixup: { law: 'reference' } }));
    const shares = [0, 1, 2, 3, 4].map((index) =>
      Math.max(...mixing.make(0, index).y.filter((share) => share < 1)),
    );
    expect(new Set(shares).size).toBe(5);
  });

  it('gives one-hot rows and class weights', () => {
    const maker = createBatchMaker(images, planOf(22, { classWeights: [1, 2, 5] }));
    const { x, y, weight, count } = maker.make(0, 1);
    expect(count).toBe(4);
    for (let row = 0; row < 4; row++) {
      const label = images.labels[x[row * height * width]! / 10]!;
      expect(Array.from(y.subarray(3 * row, 3 * row + 3))).toEqual(
        [0, 1, 2].map((c) => (c === label ? 1 : 0)),
      );
      expect(weight[row]).toBe([1, 2, 5][label]);
    }
  });

  it('takes soft labels, and mixes rows that still sum to 1', () => {
    const softLabels = Float32Array.from({ length: 66 }, (_, i) => [0.5, 0.25, 0.25][i % 3]!);
    const plain = createBatchMaker(images, planOf(22, { softLabels })).make(0, 0);
    expect(Array.from(plain.y.subarray(0, 3))).toEqual([0.5, 0.25, 0.25]);
    const { y } = createBatchMaker(images, planOf(22, { mixup: { alpha: 1 } })).make(0, 0);
    for (let row = 0; row < 4; row++)
      expect(y[3 * row]! + y[3 * row + 1]! + y[3 * row + 2]!).toBeCloseTo(1, 6);
  });

  it('keeps colour planes apart', () => {
    const { x } = createBatchMaker(flatImages(4, 3), planOf(4)).make(0, 0);
    expect(x[height * width]! - x[0]!).toBe(1);
    expect(x[2 * height * width]! - x[0]!).toBe(2);
  });

  it.each([
    [
      planOf(3),
      'batch size: received 4 with 3 training images, expected at least one full batch; lower the batch size or add images.',
    ],
    [planOf(23), 'image index: received 22, expected an integer between 0 and 21.'],
    [planOf(22, { batchSize: 0 }), 'batch size: received 0, expected an integer of at least 1.'],
    [
      planOf(22, { classWeights: [1, 2] }),
      'class weights: received 2 numbers, expected one weight for each of 3 classes.',
    ],
    [
      planOf(22, { softLabels: new Float32Array(5) }),
      'soft labels: received 5 numbers, expected 66 numbers, one row per image.',
    ],
  ])('refuses a plan that does not fit, case %#', (plan, message) => {
    expect(() => createBatchMaker(images, plan)).toThrow(message);
  });

  it('refuses a batch that is not in the epoch', () => {
    const maker = createBatchMaker(images, planOf(22));
    expect(() => maker.make(0, 5)).toThrow('batch index: received 5, expected an integer between 0 and 4.');
  });

  it('refuses to write into a batch of another size', () => {
    const other = createBatchMaker(images, planOf(22, { batchSize: 3 })).make(0, 0);
    expect(() => createBatchMaker(images, planOf(22)).make(0, 0, other)).toThrow(
      'make: received a batch of another size, expected 4 pictures of 1 x 6 x 5 and 3 classes.',
    );
  });
});

describe('evaluationBatches', () => {
  it('keeps the order and fills the last batch with copies of weight 0', () => {
    const batches = [...evaluationBatches(flatImages(7), Int32Array.of(6, 0, 1, 2, 4, 3), 4)];
    expect(batches.map(({ count }) => count)).toEqual([4, 2]);
    const shown = batches.map(({ x }) => [0, 1, 2, 3].map((row) => x[row * height * width]! / 10));
    expect(shown).toEqual([
      [6, 0, 1, 2],
      [4, 3, 3, 3],
    ]);
    expect(Array.from(batches[1]!.weight)).toEqual([1, 1, 0, 0]);
    expect(Array.from(batches[1]!.y)).toEqual([0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]);
  });

  it('refuses an image that does not exist', () => {
    expect(() => [...evaluationBatches(flatImages(2), [2], 4)]).toThrow(
      'image index: received 2, expected an integer between 0 and 1.',
    );
  });
});

describe('flipPictures', () => {
  it('mirrors rows', () => {
    const x = Float32Array.of(1, 2, 3, 4, 5, 6);
    flipPictures(x, 3);
    expect(Array.from(x)).toEqual([3, 2, 1, 6, 5, 4]);
  });
});

describe('augmentationSheet', () => {
  it('shows the originals in the first column', () => {
    const plan = planOf(0, { indices: Int32Array.of(4, 7), augmentation: { brightness: { delta: 0.1 } } });
    const sheet = augmentationSheet(flatImages(8), plan, 2, 3);
    expect([sheet.height, sheet.width, sheet.pixels.length]).toEqual([14, 19, 14 * 19]);
    expect(sheet.pixels[0]).toBe(40);
    expect(sheet.pixels[8 * 19 + 4]).toBe(70);
    expect(sheet.pixels[5]).toBe(255);
    expect(sheet.pixels[7]).not.toBe(40);
  });
});
