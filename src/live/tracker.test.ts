import { describe, expect, it } from 'vitest';

import { overlapOf, type Box } from '../faces/face.js';
import { FaceTracker, type RecognizedFace } from './tracker.js';

const BOX = { x: 10, y: 10, width: 100, height: 100 };

function face(probabilities: readonly number[], box: Box = BOX): RecognizedFace {
  return { box, score: 1, keyPoints: [], probabilities: Float32Array.from(probabilities) };
}

describe('overlapOf', () => {
  it('is intersection over union', () => {
    expect(overlapOf(BOX, BOX)).toBe(1);
    expect(overlapOf(BOX, { ...BOX, x: 60 })).toBeCloseTo(50 / 150, 6);
    expect(overlapOf(BOX, { ...BOX, y: 110 })).toBe(0);
  });
});

describe('FaceTracker', () => {
  it('weighs by the time that has passed, not by the frame', () => {
    const steps = (count: number) => {
      const tracker = new FaceTracker({ timeConstant: 0.5, hysteresis: 0 });
      tracker.update(0, [face([1, 0])]);
      let last = tracker.update(0, [face([1, 0])]);
      for (let i = 1; i <= count; i++) last = tracker.update(i / count, [face([0, 1])]);
      return last[0]?.smoothed[0] ?? NaN;
    };
    // After one second at a time constant of half a second: e^-2 is left, at any frame rate.
    expect(steps(10)).toBeCloseTo(Math.exp(-2), 5);
    expect(steps(100)).toBeCloseTo(Math.exp(-2), 5);
  });

  it('shows another class only when it leads by the hysteresis', () => {
    const tracker = new FaceTracker({ timeConstant: 0, hysteresis: 0.1 });
    const shown = (probabilities: readonly number[]) => tracker.update(0, [face(probabilities)])[0]?.shown;
    expect(shown([0.6, 0.4])).toBe(0);
    expect(shown([0.48, 0.52])).toBe(0);
    expect(shown([0.4, 0.6])).toBe(1);
    expect(shown([0.52, 0.48])).toBe(1);
    expect(shown([0.7, 0.3])).toBe(0);
  });

  it('follows faces through their boxes and forgets those that are gone', () => {
    const tracker = new FaceTracker({ timeConstant: 1, hysteresis: 0 });
    const left = { x: 0, y: 0, width: 50, height: 50 };
    const right = { x: 200, y: 0, width: 50, height: 50 };
    const tracks = (time: number, ...boxes: Box[]) =>
      tracker
        .update(
          time,
          boxes.map((box) => face([1, 0], box)),
        )
        .map(({ track }) => track);
    expect(tracks(0, left, right)).toEqual([1, 2]);
    expect(tracks(0.1, { ...right, x: 210 }, { ...left, x: 5 })).toEqual([2, 1]);
    expect(tracks(0.5, left)).toEqual([1]);
    // The right one has not been seen for more than a second.
    expect(tracks(1.2, left, right)).toEqual([1, 3]);
  });

  it('never gives one track to two faces', () => {
    const tracker = new FaceTracker();
    tracker.update(0, [face([1, 0])]);
    const near = { ...BOX, x: 20 };
    expect(tracker.update(0.1, [face([1, 0], near), face([0, 1])]).map(({ track }) => track)).toEqual([2, 1]);
  });

  it('refuses figures out of range', () => {
    expect(() => new FaceTracker({ timeConstant: -1, hysteresis: 0 })).toThrow(
      'smoothing: received -1, expected a number of at least 0.',
    );
    expect(() => new FaceTracker({ timeConstant: 0, hysteresis: 2 })).toThrow('hysteresis: received 2');
  });
});
