import { describe, expect, it } from 'vitest';

import { findRecord, preprocessingOf } from '../models/weights/records.js';
import { toColour } from '../data/decode.js';
import { resizeImage } from '../data/resize.js';
import { softmaxRows } from '../predict/rows.js';
import { BufferPool } from './buffer-pool.js';
import { cropFace, cutSquare, squareAround } from './crop.js';
import { fixedBox, wholeFrame } from './detector.js';
import { PpmReader } from './ffmpeg/ppm.js';
import { TimeHistogram } from './histogram.js';
import { makeFrame } from './testing/frames.js';

/** A picture whose pixel (row, column) is (row, column, 7). */
function ramp(height: number, width: number) {
  const pixels = Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const [pixel, channel] = [Math.floor(i / 3), i % 3];
    return [Math.floor(pixel / width), pixel % width, 7][channel] ?? 0;
  });
  return { height, width, channels: 3, pixels } as const;
}

describe('square crops', () => {
  it('are as wide as the longer side plus the margin on either end, about the middle', () => {
    const box = { x: 100, y: 50, width: 40, height: 80 };
    expect(squareAround(box, 0)).toEqual({ left: 80, top: 50, side: 80 });
    expect(squareAround(box, 0.25)).toEqual({ left: 60, top: 30, side: 120 });
  });

  it('repeat the edge beyond the picture', () => {
    const { pixels } = cutSquare(ramp(4, 5), { left: -1, top: 2, side: 4 });
    const rows = [2, 3, 3, 3];
    const columns = [0, 0, 1, 2];
    const expected = rows.flatMap((row) => columns.flatMap((column) => [row, column, 7]));
    expect(Array.from(pixels)).toEqual(expected);
  });

  it('equal what pictures from files go through', () => {
    const pixels = Uint8Array.from({ length: 90 * 70 * 3 }, (_, i) => (i * 7919) % 256);
    const picture = { height: 90, width: 70, channels: 3, pixels } as const;
    const record = preprocessingOf(findRecord('mobileNetV3Small', 'torchvision').input, {
      ...{ inputSize: [64, 64], sourceSize: [48, 48], colour: 'grey' },
    } as const);
    const crop = cropFace(picture, { x: 0, y: 10, width: 70, height: 70 }, 0, record);
    const part = { height: 70, width: 70, channels: 3, pixels: pixels.slice(10 * 210, 80 * 210) } as const;
    expect(crop.pixels).toEqual(resizeImage(toColour(part, 'grey'), 48, 48).pixels);
  });
});

describe('detectors', () => {
  it('whole: the largest square in the middle, without a margin', async () => {
    const detector = wholeFrame();
    expect(detector.tight).toBe(false);
    expect(await detector.detect(makeFrame(0, { width: 8, height: 4 }))).toEqual([
      { box: { x: 2, y: 0, width: 4, height: 4 }, score: 1, keyPoints: [], tight: false },
    ]);
  });

  it('box: refuses a place outside the frame, and one without area', async () => {
    const frame = makeFrame(0, { width: 8, height: 4 });
    const inside = { x: -2, y: 1, width: 4, height: 2 };
    expect((await fixedBox(inside).detect(frame))[0]?.box).toEqual(inside);
    await expect(fixedBox({ x: 8, y: 0, width: 2, height: 2 }).detect(frame)).rejects.toThrow(
      'detector: received the box 8,0,2,2, expected one that lies in the frame of 8×4 pixels.',
    );
    expect(() => fixedBox({ x: 0, y: 0, width: 0, height: 2 })).toThrow('received a box of 0×2 pixels');
  });
});

describe('PpmReader', () => {
  const stream = Buffer.concat([
    Buffer.from('P6\n2 1\n255\n'),
    Buffer.from([1, 2, 3, 4, 5, 6]),
    Buffer.from('P6\n1 1\n255\n'),
    // A pixel that looks like a header.
    Buffer.from('P6\n'),
  ]);

  it.each([1, 2, 5, 1000])('finds pictures in pieces of %i bytes', (size) => {
    const found: string[] = [];
    const reader = new PpmReader({
      lend: (length) => new Uint8Array(length),
      picture: ({ width, height }, pixels) => found.push(`${width}×${height}: ${pixels.join(' ')}`),
    });
    for (let at = 0; at < stream.length; at += size) reader.push(stream.subarray(at, at + size));
    expect(found).toEqual(['2×1: 1 2 3 4 5 6', '1×1: 80 54 10']);
    expect(reader.isComplete).toBe(true);
  });

  it.each([
    'P5\n2 1\n255\n',
    'P6\n0 1\n255\n',
    'P6\n2 1\n65535\n',
    'P6\n99999999 99999999\n255\n',
    'x'.repeat(80),
  ])('refuses %j', (text) => {
    const reader = new PpmReader({ lend: () => new Uint8Array(0), picture: () => undefined });
    expect(() => reader.push(Buffer.from(text))).toThrow(/PPM/);
  });
});

describe('TimeHistogram', () => {
  it('knows mean and largest exactly and quantiles to one percent, in constant memory', () => {
    const histogram = new TimeHistogram();
    for (let i = 1; i <= 10_000; i++) histogram.add(i / 100);
    const { count, mean, p50, p95, max } = histogram.times();
    expect([count, max]).toEqual([10_000, 100]);
    expect(mean).toBeCloseTo(50.005, 6);
    expect(Math.abs(p50 / 50 - 1)).toBeLessThan(0.01);
    expect(Math.abs(p95 / 95 - 1)).toBeLessThan(0.01);
  });

  it('takes zeros, hours and nothing', () => {
    const histogram = new TimeHistogram();
    expect(histogram.times()).toEqual({ count: 0, mean: 0, p50: 0, p95: 0, max: 0 });
    histogram.add(0);
    histogram.add(1e9);
    expect(histogram.times().max).toBe(1e9);
  });
});

describe('BufferPool', () => {
  it('lends what came back, and never an array of another length', () => {
    const pool = new BufferPool(1);
    const first = pool.lend(4);
    pool.giveBack(first);
    pool.giveBack(new Uint8Array(4));
    expect(pool.lend(4)).toBe(first);
    pool.giveBack(first);
    expect(pool.lend(5).length).toBe(5);
  });
});

describe('softmax', () => {
  it('sums to 1 also for large logits', () => {
    const row = softmaxRows(Float32Array.of(1000, 1001), 2);
    expect(row[0]).toBeCloseTo(1 / (1 + Math.E), 6);
    expect((row[0] ?? 0) + (row[1] ?? 0)).toBeCloseTo(1, 6);
  });
});
