import { describe, expect, it } from 'vitest';

import { GraphError } from './errors.js';
import { broadcastShapes, float32, int64, normalizeAxis, sameShape, sizeOf, stridesOf } from './tensor.js';

describe('shapes', () => {
  it('have a size and strides', () => {
    expect(sizeOf([])).toBe(1);
    expect(sizeOf([2, 3, 4])).toBe(24);
    expect(sizeOf([2, 0])).toBe(0);
    expect(stridesOf([2, 3, 4])).toEqual([12, 4, 1]);
    expect(stridesOf([])).toEqual([]);
  });

  it('are the same by every axis', () => {
    expect(sameShape([2, 3], [2, 3])).toBe(true);
    expect(sameShape([2, 3], [2, 3, 1])).toBe(false);
    expect(sameShape([2, 3], [3, 2])).toBe(false);
    expect(sameShape([], [])).toBe(true);
  });

  it.each([
    [[2, 3], [3], [2, 3]],
    [[3], [2, 3], [2, 3]],
    [
      [4, 1, 2],
      [3, 1],
      [4, 3, 2],
    ],
    [[], [2, 3], [2, 3]],
    [[1], [1], [1]],
  ])('%j and %j broadcast to %j', (a, b, shape) => {
    expect(broadcastShapes('Add', a, b)).toEqual(shape);
  });

  it('that do not broadcast are named', () => {
    const run = () => broadcastShapes('Add', [2, 3], [2]);
    expect(run).toThrow(GraphError);
    expect(run).toThrow('Add: received shapes [2, 3] and [2], expected shapes that broadcast.');
  });
});

describe('tensors', () => {
  it('keep a Float32Array and copy a list', () => {
    const data = Float32Array.of(1, 2);
    expect(float32(data, [2]).data).toBe(data);
    expect(float32([0.1], [1]).data).toEqual(Float32Array.of(0.1));
    expect(int64([3, -1])).toEqual({ dtype: 'int64', shape: [2], data: BigInt64Array.of(3n, -1n) });
    expect(int64([3], []).shape).toEqual([]);
  });

  it('refuse data of another size', () => {
    expect(() => float32([1, 2, 3], [2, 2])).toThrow(
      'float32: received 3 elements, expected 4 for shape [2, 2].',
    );
    expect(() => int64([1], [2])).toThrow('int64: received 1 elements, expected 2 for shape [2].');
  });
});

describe('normalizeAxis', () => {
  it('counts from the end when negative', () => {
    expect(normalizeAxis('Concat', 1, 3)).toBe(1);
    expect(normalizeAxis('Concat', -3, 3)).toBe(0);
  });

  it.each([3, -4, 0.5])('refuses %s', (axis) => {
    expect(() => normalizeAxis('Concat', axis, 3)).toThrow(
      `Concat: received axis ${axis}, expected an axis of a rank-3 value.`,
    );
  });
});
