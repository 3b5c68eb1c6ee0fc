import { describe, expect, it } from 'vitest';

import { restoreQuantized } from '../export/quantize/calibration-record.js';
import { writeQuantizedOnnx, writeQuantizedTflite } from '../export/quantize/write-quantized.js';
import { writeOnnx } from '../export/onnx/write-onnx.js';
import { writeTflite } from '../export/tflite/write-tflite.js';
import { loadShipped, SHIPPED } from './shipped.js';
import { checkBelongs, shippedRanges } from './shipped-ranges.js';

describe.each([...SHIPPED])('the ranges of %s', (name) => {
  it('belong to the weights that the package carries', async () => {
    const record = shippedRanges(name);
    expect(record?.source).toMatch(/^1,024 training pictures of /);
    const { program, values, weights } = restoreQuantized(await loadShipped(name), record!);
    expect(weights.size).toBeGreaterThan(0);
    expect(program.steps.every(({ output }) => values.has(output))).toBe(true);
  });

  it('make files of less than 1 / 3.5 of those in float32', async () => {
    const model = await loadShipped(name);
    const quantized = restoreQuantized(model, shippedRanges(name)!);
    const [tflite, onnx] = [writeTflite(model), writeOnnx(model)].map(({ length }) => length);
    expect(writeQuantizedTflite(model, quantized).length).toBeLessThan(tflite! / 3.5);
    expect(writeQuantizedOnnx(model, quantized).length).toBeLessThan(onnx! / 3.5);
  });
});

it('refuses ranges of other weights', () => {
  expect(() => checkBelongs('mien.int8.json', { weights: 'a' }, 'b')).toThrow(
    'mien.int8.json: received ranges for other weights than those that are shipped, expected those that belong to them; give --data, or install the package again.',
  );
});

it('a name without ranges has none', () => {
  expect(shippedRanges('nothing')).toBeUndefined();
});
