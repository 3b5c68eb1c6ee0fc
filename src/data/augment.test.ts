import { describe, expect, it } from 'vitest';
import { createRandom } from '../core/random.js';
import { drawEraseBox } from './augment-erase.js';
import {
  type Augmentation,
  checkAugmentation,
  createAugmenter,
  defaultAugmentation,
  noAugmentation,
  referenceAugmentation,
} from './augment.js';

const root = createRandom(3);
const side = 24;

function pixelsOf(channels: 1 | 3): Uint8Array {
  const random = createRandom(11);
  return Uint8Array.from({ length: side * side * channels }, () => random.integer(256));
}

function augmented(augmentation: Augmentation, channels: 1 | 3 = 1, draw = 0, pixels = pixelsOf(channels)) {
  const augment = createAugmenter({ height: side, width: side, channels }, augmentation);
  const data = new Float32Array(pixels.length);
  augment(pixels, 0, root.fork('augment', draw), { data, offset: 0 });
  return data;
}

describe('createAugmenter', () => {
  it('returns the pixels as planes when nothing is asked', () => {
    const pixels = pixelsOf(3);
    const data = augmented(noAugmentation, 3);
    for (let p = 0; p < side * side; p++) {
      expect([data[p], data[side * side + p], data[2 * side * side + p]]).toEqual(
        Array.from(pixels.subarray(3 * p, 3 * p + 3)),
      );
    }
  });

  it.each([
    ['default', defaultAugmentation],
    ['reference', referenceAugmentation],
  ])('repeats %s for the same draw, differs for another, stays in 0..255', (_, augmentation) => {
    for (let draw = 0; draw < 20; draw++) {
      const data = augmented(augmentation, 3, draw);
      expect(augmented(augmentation, 3, draw)).toEqual(data);
      expect(augmented(augmentation, 3, draw + 100)).not.toEqual(data);
      expect(data.every((value) => value >= 0 && value <= 255)).toBe(true);
    }
  });

  it('clips what bicubic reading overshoots', () => {
    const rotation = { degrees: 20 };
    const pixels = pixelsOf(1).map((value) => (value < 128 ? 0 : 255));
    const data = augmented({ rotation, interpolation: 'bicubic' }, 1, 0, pixels);
    expect(Math.min(...data)).toBe(0);
    expect(Math.max(...data)).toBe(255);
  });

  it('leaves hue and saturation of grey data alone', () => {
    const colour: Augmentation = { saturation: { low: 0, high: 0.5 }, hue: { delta: 0.5 } };
    expect(augmented(colour, 1)).toEqual(augmented(noAugmentation, 1));
    expect(augmented(colour, 3)).not.toEqual(augmented(noAugmentation, 3));
  });

  it('brightens by at most delta of the range, and by all of it in both directions', () => {
    const flat = new Uint8Array(side * side).fill(128);
    const shifts = Array.from(
      { length: 400 },
      (_, draw) => augmented({ brightness: { delta: 0.2 } }, 1, draw, flat)[0]! - 128,
    );
    expect(Math.min(...shifts)).toBeGreaterThanOrEqual(-51);
    expect(Math.min(...shifts)).toBeLessThan(-48);
    expect(Math.max(...shifts)).toBeLessThanOrEqual(51);
    expect(Math.max(...shifts)).toBeGreaterThan(48);
  });

  it('stretches contrast about the mean of the picture', () => {
    const halves = new Uint8Array(side * side).map((_, p) => (p % 2 === 0 ? 100 : 140));
    const data = augmented({ contrast: { low: 1.2, high: 1.2 } }, 1, 0, halves);
    expect(data[0]).toBeCloseTo(96, 3);
    expect(data[1]).toBeCloseTo(144, 3);
  });

  it('applies a change as often as its probability says', () => {
    const pixels = pixelsOf(1);
    const flips = Array.from({ length: 1000 }, (_, draw) => {
      return augmented({ flip: { probability: 0.3 } }, 1, draw, pixels)[0] !== pixels[0];
    }).filter(Boolean).length;
    // Three standard deviations of a binomial draw: 3 · sqrt(1000 · 0.3 · 0.7) = 43.
    expect(Math.abs(flips - 300)).toBeLessThan(44);
  });

  it('zooms into a window that lies inside the picture', () => {
    const slope = Uint8Array.from({ length: side * side }, (_, p) => 10 * (p % side));
    for (let draw = 0; draw < 50; draw++) {
      const data = augmented({ zoomCrop: { low: 0.8, high: 0.8 } }, 1, draw, slope);
      // Away from the mirrored half pixel at the border, brightness grows by 0.8 of the slope.
      expect(data[12]! - data[11]!).toBeCloseTo(8, 3);
      expect(Math.max(...data) - Math.min(...data)).toBeLessThanOrEqual(0.8 * 10 * (side - 1) + 1e-3);
    }
  });

  it('erases one rectangle with the mean of the picture', () => {
    const erasing = { area: [0.1, 0.1], aspect: [1, 1], fill: 'mean' } as const;
    const before = augmented(noAugmentation);
    const after = augmented({ erasing });
    const mean = before.reduce((sum, value) => sum + value, 0) / before.length;
    const changed = Array.from(after).filter((value, p) => value !== before[p]);
    // 0.1 · 24² is 57.6: a square of 8 x 8 pixels.
    expect(changed).toHaveLength(64);
    expect(changed.every((value) => Math.abs(value - mean) < 1e-3)).toBe(true);
  });

  it('erases with noise that repeats', () => {
    const erasing = { area: [0.1, 0.2], aspect: [0.5, 2], fill: 'noise' } as const;
    expect(augmented({ erasing })).toEqual(augmented({ erasing }));
    expect(new Set(augmented({ erasing }, 1, 0, new Uint8Array(side * side))).size).toBeGreaterThan(40);
  });
});

describe('drawEraseBox', () => {
  it('keeps area and aspect within their ranges, up to whole pixels, and the box inside', () => {
    const range = { area: [0.05, 0.3], aspect: [0.5, 2] } as const;
    for (let draw = 0; draw < 500; draw++) {
      const box = drawEraseBox(root.fork(draw), 48, 40, range)!;
      expect(box.top).toBeGreaterThanOrEqual(0);
      expect(box.left).toBeGreaterThanOrEqual(0);
      expect(box.top + box.height).toBeLessThanOrEqual(48);
      expect(box.left + box.width).toBeLessThanOrEqual(40);
      const [h, w, all] = [box.height, box.width, 48 * 40];
      expect(((h + 0.5) * (w + 0.5)) / all).toBeGreaterThanOrEqual(0.05);
      expect(((h - 0.5) * (w - 0.5)) / all).toBeLessThanOrEqual(0.3);
      expect((h + 0.5) / (w - 0.5)).toBeGreaterThanOrEqual(0.5);
      expect((h - 0.5) / (w + 0.5)).toBeLessThanOrEqual(2);
    }
  });

  it('gives up when no rectangle fits', () => {
    expect(drawEraseBox(root, 8, 8, { area: [0.9, 0.9], aspect: [9, 9] })).toBeUndefined();
  });
});

describe('checkAugmentation', () => {
  const cases: [Augmentation, string][] = [
    [
      { flip: { probability: 2 } },
      'augmentation.flip.probability: received 2, expected a number between 0 and 1.',
    ],
    [
      { rotation: { degrees: -5 } },
      'augmentation.rotation.degrees: received -5, expected a number between 0 and 180.',
    ],
    [
      { scale: { low: 1.2, high: 0.8 } },
      'augmentation.scale: received 1.2 to 0.8, expected the smaller number first.',
    ],
    [
      { zoomCrop: { low: 1, high: 1.5 } },
      'augmentation.zoomCrop: received 1.5, expected a number between 0.05 and 1.',
    ],
    [
      { rotate: { degrees: 5 } } as Augmentation,
      'augmentation: received "rotate", expected one of flip, brightness, contrast, saturation, hue, zoomCrop, ' +
        'shear, scale, rotation, translation, trivialAugment, randAugment, erasing, interpolation, border, fill.',
    ],
  ];

  it.each(cases)('refuses %j', (augmentation, message) => {
    expect(() => checkAugmentation(augmentation)).toThrow(message);
  });

  it.each([noAugmentation, referenceAugmentation, defaultAugmentation])('accepts %j', (augmentation) => {
    expect(checkAugmentation(augmentation)).toBe(augmentation);
  });
});
