import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { adjustHue, adjustSaturation } from './colour.js';

interface Golden {
  readonly rgb: readonly number[][];
  readonly saturation: Readonly<Record<string, readonly number[][]>>;
  readonly hue: Readonly<Record<string, readonly number[][]>>;
}

// Made by tests/golden/colour.py with TensorFlow.
const golden = JSON.parse(
  readFileSync(new URL('../../tests/golden/colour.json', import.meta.url), 'utf8'),
) as Golden;
const size = golden.rgb.length;

function planes(rgb: readonly number[][]): Float32Array {
  return Float32Array.from([0, 1, 2].flatMap((channel) => rgb.map((pixel) => pixel[channel]!)));
}

function largestGap(a: Float32Array, b: Float32Array): number {
  return a.reduce((gap, value, i) => Math.max(gap, Math.abs(value - b[i]!)), 0);
}

// TensorFlow works in float32 and the file keeps four decimals of 0..255: a few times 255 · 2^-23 and 5e-5.
const tolerance = 5e-4;

describe('colour', () => {
  it.each(Object.keys(golden.saturation))('scales saturation by %s as TensorFlow does', (factor) => {
    const data = planes(golden.rgb);
    adjustSaturation(data, 0, size, Number(factor));
    expect(largestGap(data, planes(golden.saturation[factor]!))).toBeLessThan(tolerance);
  });

  it.each(Object.keys(golden.hue))('turns hue by %s as TensorFlow does', (delta) => {
    const data = planes(golden.rgb);
    adjustHue(data, 0, size, Number(delta));
    expect(largestGap(data, planes(golden.hue[delta]!))).toBeLessThan(tolerance);
  });

  it('touches only its own planes', () => {
    const data = Float32Array.from([7, 200, 10, 30, 9]);
    adjustSaturation(data, 1, 1, 0);
    expect(Array.from(data)).toEqual([7, 200, 200, 200, 9]);
  });
});
