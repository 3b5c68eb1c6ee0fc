import { describe, expect, it } from 'vitest';

import { operatorOf, OPERATORS } from '../../src/ops/registry.js';
import { mapArray, zipArrays, type NdArray } from '../../src/ops/reference/ndarray.js';
import { requireClose } from '../../src/ops/testing/compare.js';
import { arrayOf, checkOnnxRuntime, checkReference, readGolden } from '../../src/ops/testing/golden.js';

const golden = readGolden();
const named = golden.cases.map((c) => [c.name, c] as const);

describe('the reference kernels give the values and gradients of PyTorch', () => {
  it.each(named)('%s', (_, c) => checkReference(c));
});

describe('the emitted graph in ONNX Runtime gives the values and gradients of PyTorch', () => {
  it.each(named)('%s', async (_, c) => checkOnnxRuntime(c));
});

describe('golden vectors', () => {
  it('cover every operator of ONNX', () => {
    const covered = new Set(golden.cases.map((c) => c.operator));
    const missing = OPERATORS.filter(({ domain, opType }) => domain !== 'mien' && !covered.has(opType));
    expect(missing.map(({ opType }) => opType)).toEqual([]);
  });

  it('fix the meaning of momentum and variance in moving averages', () => {
    const { momentum, x, mean, variance, newMean, newVariance } = golden.movingAverages;
    const channels = mean.shape;
    const [scale, bias] = [
      { shape: channels, data: Float64Array.of(1, 1) },
      { shape: channels, data: Float64Array.of(0, 0) },
    ];
    const [, batchMean, batchVariance] = operatorOf('BatchNormTraining', 'mien').reference(
      [arrayOf(x), scale, bias],
      { epsilon: 1e-3 } as never,
    );
    const average = (old: NdArray, batch: NdArray) =>
      zipArrays(
        mapArray(old, (a) => momentum * a),
        mapArray(batch, (b) => (1 - momentum) * b),
        (a, b) => a + b,
      );
    requireClose('mean', average(arrayOf(mean), batchMean!), arrayOf(newMean), 1e-12);
    requireClose('variance', average(arrayOf(variance), batchVariance!), arrayOf(newVariance), 1e-12);
  });
});
