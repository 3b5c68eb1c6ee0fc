import { describe, expect, it } from 'vitest';

import type { Picture } from '../data/images.js';
import type { Session } from '../runtime/session.js';
import { anchorMiddles } from './anchors.js';
import { BlazeFace, FULL_RANGE, SHORT_RANGE } from './blazeface.js';
import { decodeFaces } from './decode.js';
import { overlapOf, type DetectedFace } from './face.js';
import { mirrorFace } from './mirror.js';
import { mergeFaces } from './suppress.js';
import { wholeWindow } from './window.js';

const whole = { x: 0, y: 0, side: 1 };

describe('anchorMiddles', () => {
  it('has 896 anchors for the short range and 2304 for the full range, in cells from the upper left', () => {
    const short = anchorMiddles(SHORT_RANGE.size, SHORT_RANGE.grids);
    expect(short).toHaveLength(2 * 896);
    // Two anchors a cell on a grid of 16, then six on a grid of 8.
    expect(Array.from(short.subarray(0, 6))).toEqual([1 / 32, 1 / 32, 1 / 32, 1 / 32, 3 / 32, 1 / 32]);
    expect(Array.from(short.subarray(2 * 512, 2 * 512 + 2))).toEqual([1 / 16, 1 / 16]);
    const full = anchorMiddles(FULL_RANGE.size, FULL_RANGE.grids);
    expect(full).toHaveLength(2 * 2304);
    expect(full.at(-1)).toBeCloseTo(1 - 1 / 96, 6);
  });
});

describe('decodeFaces', () => {
  const anchors = Float32Array.of(0.25, 0.25, 0.5, 0.75);
  const regressors = new Float32Array(32);
  // The second anchor: middle 10 right and 20 up, 50 × 40, eyes beside the middle; in pixels of an input of 100.
  regressors.set([10, -20, 50, 40, -5, -25, 25, -25], 16);

  it('reads boxes and key points in pixels of the picture', () => {
    const options = { anchors, size: 100, threshold: 0.5 };
    const raw = { regressors, logits: Float32Array.of(-3, 2) };
    const [face, ...others] = decodeFaces(raw, { x: 1000, y: 100, side: 200 }, options);
    expect(others).toEqual([]);
    expect(face?.score).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
    // Middle at (0.6, 0.55) of the window.
    expect(face?.box.x).toBeCloseTo(1000 + 200 * (0.6 - 0.25), 4);
    expect(face?.box.y).toBeCloseTo(100 + 200 * (0.55 - 0.2), 4);
    expect([face?.box.width, face?.box.height].map((size) => Math.round(size ?? 0))).toEqual([100, 80]);
    expect(face?.keyPoints[0]).toMatchObject({ name: 'right eye' });
    expect(face?.keyPoints[0]?.x).toBeCloseTo(1000 + 200 * 0.45, 4);
    expect(face?.keyPoints[1]?.x).toBeCloseTo(1000 + 200 * 0.75, 4);
  });

  it('clips logits, as MediaPipe does, and leaves out what is below the score', () => {
    const options = { anchors, size: 100, threshold: 0.9 };
    const faces = decodeFaces({ regressors, logits: Float32Array.of(1e6, 2) }, whole, options);
    expect(faces.map(({ score }) => score)).toEqual([1]);
  });
});

function face(x: number, score: number): DetectedFace {
  return { box: { x, y: 0, width: 10, height: 10 }, score, keyPoints: [{ name: 'mouth', x, y: 5 }] };
}

describe('mergeFaces', () => {
  it('makes one of overlapping faces: the mean weighted by score, under the best score', () => {
    const merged = mergeFaces([face(2, 0.4), face(0, 0.8), face(100, 0.6)]);
    expect(merged.map(({ score }) => score)).toEqual([0.8, 0.6]);
    expect(merged[0]?.box.width).toBeCloseTo(10, 6);
    expect(merged[0]?.box.x).toBeCloseTo((2 * 0.4) / 1.2, 6);
    expect(merged[0]?.keyPoints[0]?.x).toBeCloseTo((2 * 0.4) / 1.2, 6);
  });

  it('keeps faces that overlap by no more than the limit', () => {
    expect(overlapOf(face(0, 1).box, face(6, 1).box)).toBeCloseTo(0.25, 6);
    expect(mergeFaces([face(0, 0.9), face(6, 0.8)])).toHaveLength(2);
    expect(mergeFaces([face(0, 0.9), face(6, 0.8)], 0.2)).toHaveLength(1);
  });

  it('drops boxes without area', () => {
    const empty = { ...face(0, 0.9), box: { x: 0, y: 0, width: 0, height: 0 } };
    expect(mergeFaces([empty, face(50, 0.5)])).toHaveLength(1);
  });
});

describe('BlazeFace', () => {
  const picture: Picture = { width: 40, height: 20, channels: 3, pixels: new Uint8Array(2400).fill(255) };
  const seen: Float32Array[] = [];
  const session = (outputs: number[]): Session => ({
    run: ({ input }) => {
      seen.push(input?.data as Float32Array);
      const named = outputs.map((size, i) => [
        `o${i}`,
        {
          dtype: 'float32' as const,
          shape: [1, size],
          data: new Float32Array(size).fill(size === 896 ? -9 : 0),
        },
      ]);
      return Promise.resolve(Object.fromEntries(named) as Awaited<ReturnType<Session['run']>>);
    },
    close: () => Promise.resolve(),
  });

  it('looks at the whole picture in a square with black beside it', async () => {
    const faces = await new BlazeFace(session([896 * 16, 896]), SHORT_RANGE, 'input').lookAtWhole(
      picture,
      0.5,
    );
    expect(faces).toEqual([[]]);
    const [input] = seen;
    expect(input).toHaveLength(128 * 128 * 3);
    expect(input?.[0]).toBe(-1);
    expect(input?.[(64 * 128 + 64) * 3]).toBeCloseTo(1, 6);
  });

  it('sees the mirror image, and tells where things are in the picture', async () => {
    const half = { ...picture, pixels: Uint8Array.from(picture.pixels, (_, i) => (i % 120 < 60 ? 0 : 255)) };
    const net = new BlazeFace(session([896 * 16, 896]), SHORT_RANGE, 'input');
    const first = seen.length;
    const window = wholeWindow(half);
    await net.look(half, window, 0.5);
    await net.look(half, window, 0.5, true);
    const middle = 64 * 128 * 3;
    const row = (values?: Float32Array) => Array.from(values?.subarray(middle, middle + 128 * 3) ?? []);
    expect(row(seen[first])).toEqual(row(seen[first + 1]).reverse());
    expect(row(seen[first])[0]).toBeCloseTo(-1, 5);
    const found = { ...face(2, 1), keyPoints: [{ name: 'right eye', x: 4, y: 3 }] };
    const mirrored = mirrorFace(found, { x: 0, y: 0, side: 40 });
    expect(mirrored.box.x).toBe(40 - 2 - 10);
    expect(mirrored.keyPoints.find(({ name }) => name === 'left eye')).toEqual({
      name: 'left eye',
      x: 36,
      y: 3,
    });
  });

  it('refuses a network with other outputs', async () => {
    await expect(
      new BlazeFace(session([896]), SHORT_RANGE, 'input').lookAtWhole(picture, 0.5),
    ).rejects.toThrow('BlazeFace short range: received no output of 896 × 16 numbers, expected one.');
  });
});
