import { describe, expect, it } from 'vitest';

import type { Picture } from '../data/images.js';
import { cutFrame } from './cut.js';
import { KEY_POINTS, type DetectedFace } from './face.js';
import { cornersOf, frameFace, turnOf } from './framing.js';
import { tileWindows } from './tiles.js';
import { sampleWindow, wholeWindow, windowAround } from './window.js';

/** A face whose eyes are turned by an angle, radians. */
function turned(angle: number): DetectedFace {
  const eye = (side: number) => ({ x: 50 + side * Math.cos(angle), y: 50 + side * Math.sin(angle) });
  const keyPoints = KEY_POINTS.map((name, i) => ({ name, ...(i === 0 ? eye(-8) : eye(8)) }));
  return { box: { x: 30, y: 30, width: 40, height: 36 }, score: 1, keyPoints };
}

/** Grey levels that rise by one a column and by two a row. */
function ramp(width: number, height: number): Picture {
  const pixels = Uint8Array.from(
    { length: width * height },
    (_, i) => (i % width) + 2 * Math.floor(i / width),
  );
  return { width, height, channels: 1, pixels };
}

describe('frameFace', () => {
  it('adds the margin on either side and lowers the middle', () => {
    const frame = frameFace(turned(0), { margin: 0.25, lower: 0.1 });
    expect(frame).toMatchObject({ x: 50, side: 60, angle: 0 });
    expect(frame.y).toBeCloseTo(48 + 4, 6);
  });

  it('turns with the eyes, and the lowering with it', () => {
    const frame = frameFace(turned(Math.PI / 2), { margin: 0, lower: 0.1 });
    expect(frame.angle).toBeCloseTo(Math.PI / 2, 6);
    // A head that lies on its left ear: down along the face is left in the picture.
    expect([frame.x, frame.y].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([46, 48]);
    const [first] = cornersOf(frame);
    expect(first?.[0]).toBeCloseTo(46 + 20, 6);
    expect(first?.[1]).toBeCloseTo(48 - 20, 6);
  });

  it('leaves a face without eyes upright', () => {
    expect(turnOf({ keyPoints: [] })).toBe(0);
  });
});

describe('cutFrame', () => {
  const picture = ramp(60, 40);

  it('gives the very pixels of an upright square of whole pixels', () => {
    const cut = cutFrame(picture, { x: 20, y: 15, side: 10, angle: 0 }, [10, 10]);
    expect(cut.pixels[0]).toBe(15 + 2 * 10);
    expect(cut.pixels[9 * 10 + 9]).toBe(24 + 2 * 19);
  });

  it('turns the picture against the frame', () => {
    const cut = cutFrame(picture, { x: 20, y: 15, side: 10, angle: Math.PI / 2 }, [10, 10]);
    // A quarter turn: along a row of the cut, one goes down in the picture.
    expect((cut.pixels[1] ?? 0) - (cut.pixels[0] ?? 0)).toBe(2);
    expect((cut.pixels[10] ?? 0) - (cut.pixels[0] ?? 0)).toBe(-1);
    expect(cut.pixels[0]).toBe(24 + 2 * 10);
  });

  it('means over pixels where it shrinks, and repeats the edge beyond the picture', () => {
    const stripes = Uint8Array.from({ length: 60 * 40 }, (_, i) => (i % 2 === 0 ? 0 : 200));
    const cut = cutFrame({ ...picture, pixels: stripes }, { x: 30, y: 20, side: 40, angle: 0 }, [2, 2]);
    expect(Math.abs((cut.pixels[0] ?? 0) - 100)).toBeLessThanOrEqual(3);
    const beyond = cutFrame(picture, { x: -30, y: 10, side: 20, angle: 0 }, [4, 4]);
    expect(beyond.pixels[0]).toBe(beyond.pixels[3]);
  });
});

describe('windows', () => {
  it('put the whole picture into the middle of a square', () => {
    expect(wholeWindow({ width: 640, height: 480 })).toEqual({ x: 0, y: -80, side: 640 });
    const box = { x: 10, y: 20, width: 20, height: 10 };
    expect(windowAround(box, 0.5)).toEqual({ x: 0, y: 5, side: 40 });
  });

  it('are sampled by means, from black at −1 to white at 1, grey in three channels', () => {
    const picture: Picture = { width: 4, height: 4, channels: 1, pixels: new Uint8Array(16).fill(255) };
    const values = sampleWindow(picture, { x: -4, y: 0, side: 8 }, 2);
    expect(Array.from(values, (value) => Math.round(value * 1e6) / 1e6)).toEqual([
      -1, -1, -1, 1, 1, 1, -1, -1, -1, -1, -1, -1,
    ]);
  });

  it('keep the order of colours', () => {
    const pixels = Uint8Array.from({ length: 12 }, (_, i) => [255, 0, 127][i % 3] ?? 0);
    const values = sampleWindow({ width: 2, height: 2, channels: 3, pixels }, { x: 0, y: 0, side: 2 }, 1);
    expect(values[0]).toBeCloseTo(1, 5);
    expect(values[1]).toBeCloseTo(-1, 5);
    expect(values[2]).toBeCloseTo(127 / 127.5 - 1, 5);
  });

  it('cover a picture from edge to edge with the overlap asked for', () => {
    const tiles = tileWindows({ width: 640, height: 480 }, 320, 0.4);
    expect(tiles).toHaveLength(3 * 2);
    expect(tiles.map(({ x }) => x)).toEqual([0, 160, 320, 0, 160, 320]);
    expect(tiles.at(-1)).toEqual({ x: 320, y: 160, side: 320 });
    expect(tileWindows({ width: 100, height: 300 }, 200, 0.3).map(({ x }) => x)).toEqual([-50, -50]);
  });
});
