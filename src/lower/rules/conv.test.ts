import { describe, expect, it } from 'vitest';

import type { Shape } from '../../core/tensor.js';
import type { Graph } from '../../onnx/graph.js';
import type { PlainAttributes } from '../../onnx/schema.js';
import { operatorsOf } from '../../ops/testing/check-onnx.js';
import {
  BATCH,
  blockOfThisCpu,
  checkLowering,
  kernelSets,
  type LoweringCase,
} from '../testing/check-lowering.js';

const block = await blockOfThisCpu();

/**
 * pointwise → batch norm → relu → the convolution under test → batch norm, so that both sides of it are
 * blocked and the gradient arrives with a pending scale; with a bias, relu → instead of the last batch norm.
 */
function convolution(
  name: string,
  [channels, height, width]: readonly [number, number, number],
  weights: Shape,
  attributes: PlainAttributes = {},
  bias: 'bias' | 'no bias' = 'no bias',
): LoweringCase {
  return {
    name: `${name} on ${height}×${width}`,
    build: ({ o, input, weight, batchNorm }) => {
      const x = input('x', [BATCH, 2, height, width]);
      const mixed = o.op('Conv', [x, weight('mix', [channels, 2, 1, 1])]);
      const operands = [o.relu(batchNorm('first', mixed)), weight('kernel', weights)];
      if (bias === 'no bias') return batchNorm('second', o.op('Conv', operands, attributes));
      return o.relu(o.op('Conv', [...operands, weight('bias', [weights[0] ?? 1])], attributes));
    },
  };
}

function depthwise(kernel: number, stride: number, size: number, pads: readonly number[]): LoweringCase {
  const attributes = { group: 3, strides: [stride, stride], pads };
  const name = `${kernel}×${kernel} stride ${stride} pads ${pads.join(' ')}`;
  return convolution(name, [3, size, size], [3, 1, kernel, kernel], attributes);
}

const POINTWISE = [
  convolution('without bias', [3, 7, 7], [5, 3, 1, 1]),
  convolution('with bias', [3, 7, 7], [5, 3, 1, 1], {}, 'bias'),
  convolution('without bias', [3, 20, 20], [2, 3, 1, 1]),
  convolution('with bias', [2, 20, 21], [3, 2, 1, 1], {}, 'bias'),
  convolution('with bias', [4, 1, 1], [3, 4, 1, 1], {}, 'bias'),
];

const DEPTHWISE = [
  ...[3, 5].flatMap((kernel) => {
    const half = kernel >> 1;
    const symmetric = [half, half, half, half];
    const keras = [half - 1, half - 1, half, half];
    return [
      depthwise(kernel, 1, 7, symmetric),
      depthwise(kernel, 2, 7, symmetric),
      depthwise(kernel, 2, 9, symmetric),
      depthwise(kernel, 2, 8, keras),
      depthwise(kernel, 2, 20, symmetric),
      depthwise(kernel, 2, 20, keras),
      depthwise(kernel, 1, 14, symmetric),
      depthwise(kernel, 1, 20, symmetric),
      depthwise(kernel, 1, 9, [0, 0, 0, 0]),
      depthwise(kernel, 2, 9, [0, 0, 0, 0]),
      depthwise(kernel, 2, 8, [0, 0, 0, 0]),
      depthwise(kernel, 2, 22, [0, 0, 0, 0]),
    ];
  }),
  depthwise(3, 2, 8, [1, 1, 0, 0]),
  depthwise(3, 1, 1, [1, 1, 1, 1]),
  depthwise(1, 2, 5, [0, 0, 0, 0]),
  depthwise(1, 2, 21, [0, 0, 0, 0]),
  depthwise(3, 2, 8, [0, 0, 3, 3]),
  depthwise(3, 3, 9, [2, 2, 2, 2]),
  depthwise(2, 1, 6, [3, 3, 0, 0]),
  convolution('with bias', [3, 9, 9], [3, 1, 3, 3], { group: 3, pads: [1, 1, 1, 1] }, 'bias'),
  convolution('3×5, strides 2 and 1', [3, 9, 8], [3, 1, 3, 5], {
    group: 3,
    strides: [2, 1],
    pads: [1, 2, 1, 2],
  }),
  convolution('dilated', [3, 9, 9], [3, 1, 3, 3], { group: 3, pads: [2, 2, 2, 2], dilations: [2, 2] }),
  convolution('dilated, stride 2', [3, 21, 21], [3, 1, 3, 3], {
    group: 3,
    strides: [2, 2],
    dilations: [3, 2],
  }),
];

/** Few outputs of many inputs, as in DenseNet's blocks. */
const SPREAD = [
  convolution('same size', [8, 7, 7], [3, 8, 3, 3], { pads: [1, 1, 1, 1] }),
  convolution('same size, with bias', [8, 20, 20], [3, 8, 3, 3], { pads: [1, 1, 1, 1] }, 'bias'),
  convolution('no padding', [8, 9, 8], [3, 8, 3, 3]),
  convolution('1×3', [24, 5, 6], [8, 24, 1, 3], { pads: [0, 1, 0, 1] }),
  convolution('5×5', [70, 8, 7], [2, 70, 5, 5], { pads: [2, 2, 2, 2] }),
  convolution('padded at the top alone', [40, 6, 7], [2, 40, 3, 2], { pads: [2, 0, 0, 0] }),
];

const FALLBACKS = [
  convolution('padded beyond the kernel', [40, 4, 4], [2, 40, 3, 3], { pads: [3, 0, 0, 3] }),
  convolution('dense of many taps and outputs', [8, 7, 7], [9, 8, 3, 3], { pads: [1, 1, 1, 1] }),
  convolution(
    'dense of many taps, stride 2, with bias',
    [8, 8, 8],
    [3, 8, 3, 3],
    {
      strides: [2, 2],
    },
    'bias',
  ),
  convolution('dense, dilated', [2, 9, 9], [3, 2, 3, 3], { pads: [2, 2, 2, 2], dilations: [2, 2] }),
  convolution('grouped', [4, 7, 7], [6, 2, 3, 3], { group: 2, pads: [1, 1, 1, 1] }),
  convolution('depth multiplier 2', [3, 7, 7], [6, 1, 3, 3], { group: 3, pads: [1, 1, 1, 1] }),
  convolution('padded pointwise', [3, 5, 5], [2, 3, 1, 1], { pads: [1, 0, 1, 0] }),
  convolution('pointwise stride 2', [3, 9, 9], [2, 3, 1, 1], { strides: [2, 2] }),
];

/** A dense convolution of pictures, as nets start with. */
function stem(name: string, size: readonly [number, number], attributes: PlainAttributes): LoweringCase {
  return {
    name: `${name} on ${size.join('×')}`,
    build: (net) => {
      const x = net.input('x', [BATCH, 3, ...size]);
      return net.batchNorm('norm', net.o.op('Conv', [x, net.weight('kernel', [4, 3, 3, 3])], attributes));
    },
  };
}

const STEMS = [
  stem('stride 2, symmetric', [16, 16], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  stem('stride 2, bottom and right', [20, 20], { strides: [2, 2], pads: [0, 0, 1, 1] }),
  stem('stride 1', [9, 7], { pads: [1, 1, 1, 1] }),
  stem('stride 2, no padding', [21, 18], { strides: [2, 2] }),
];

/** Several convolutions of one input, or by one weight: what they keep for the backward pass must not mix. */
const SHARED: readonly LoweringCase[] = [
  {
    name: 'one input read with and without bottom padding',
    build: ({ o, input, weight }) => {
      const x = input('x', [BATCH, 2, 8, 8]);
      const strides = [2, 2];
      const padded = o.op('Conv', [x, weight('a', [3, 2, 3, 3])], { strides, pads: [0, 0, 1, 1] });
      const bare = o.op('Conv', [x, weight('b', [3, 2, 3, 3])], { strides });
      const mean = (y: typeof x) => o.op('GlobalAveragePool', [y]);
      return o.add(mean(o.mul(padded, padded)), mean(o.mul(bare, bare)));
    },
  },
  {
    name: 'one input read with two strides along the width',
    build: ({ o, input, weight }) => {
      const x = input('x', [BATCH, 2, 8, 9]);
      const a = o.op('Conv', [x, weight('a', [3, 2, 3, 3])], { strides: [2, 2] });
      const b = o.op('Conv', [x, weight('b', [3, 2, 3, 3])], { strides: [2, 1] });
      const mean = (y: typeof x) => o.op('GlobalAveragePool', [y]);
      return o.add(mean(o.mul(a, a)), mean(o.mul(b, b)));
    },
  },
  {
    name: 'one depthwise kernel on maps of two sizes',
    build: ({ o, input, weight }) => {
      const kernel = weight('kernel', [3, 1, 3, 3]);
      const x = o.op('Conv', [input('x', [BATCH, 2, 8, 8]), weight('mix', [3, 2, 1, 1])]);
      const once = o.op('Conv', [x, kernel], { group: 3, strides: [2, 2], pads: [1, 1, 1, 1] });
      return o.op('Conv', [once, kernel], { group: 3, strides: [2, 2], pads: [1, 1, 1, 1] });
    },
  },
];

describe.each(kernelSets(block))('convolutions with %s kernels', (name, kernels) => {
  const own = (graph: Graph, domain: string) => operatorsOf(graph).filter((op) => op.startsWith(domain));

  it.each(POINTWISE.map((c) => [c.name, c] as const))('pointwise %s: matrix products', async (_, c) => {
    const operators = operatorsOf(await checkLowering(c, kernels));
    expect(operators.filter((op) => op === 'Conv' || op === 'ConvTranspose')).toEqual([]);
  });

  it.each(DEPTHWISE.map((c) => [c.name, c] as const))('depthwise %s', async (_, c) => {
    const graph = await checkLowering(c, kernels);
    if (kernels.kind === 'pure') expect(own(graph, 'com.')).toEqual([]);
    if (kernels.kind === 'portable') expect(own(graph, 'com.microsoft.nchwc')).toEqual([]);
    if (kernels.kind === 'fast') expect(own(graph, 'com.microsoft.nchwc')).not.toEqual([]);
  });

  it.each(STEMS.map((c) => [c.name, c] as const))('stem %s: one matrix product', async (_, c) => {
    const operators = operatorsOf(await checkLowering(c, kernels));
    expect(operators.filter((op) => op === 'Conv' || op === 'ConvTranspose')).toEqual([]);
  });

  it.each(SPREAD.map((c) => [c.name, c] as const))('few outputs, %s: matrix products', async (_, c) => {
    const operators = operatorsOf(await checkLowering(c, kernels));
    expect(operators.filter((op) => op === 'Conv' || op === 'ConvTranspose')).toEqual([]);
  });

  it.each(FALLBACKS.map((c) => [c.name, c] as const))('%s', async (_, c) => {
    await checkLowering(c, kernels);
  });

  it.each(SHARED.map((c) => [c.name, c] as const))('%s', async (_, c) => {
    await checkLowering(c, kernels);
  });

  it(`depthwise convolutions take the formulation of the ${name} set`, async () => {
    const small = operatorsOf(await checkLowering(depthwise(3, 1, 7, [1, 1, 1, 1]), kernels));
    const large = operatorsOf(await checkLowering(depthwise(3, 1, 20, [1, 1, 1, 1]), kernels));
    const spatial = (operators: string[]) => operators.filter((op) => /^Conv(Transpose)?$/.test(op)).length;
    // Small maps are matrix products or blocked; large ones are ONNX's own where there is no blocked kernel.
    expect(spatial(small)).toBe(0);
    expect(spatial(large)).toBe(kernels.kind === 'fast' ? 0 : 3);
    expect(small.includes('com.microsoft.FusedMatMul')).toBe(kernels.kind !== 'pure');
  });
});

it('the fast set is the blocked one exactly where the CPU has blocked kernels', () => {
  const [, fast] = kernelSets(block)[0]!;
  expect(fast).toEqual(block === undefined ? { kind: 'portable' } : { kind: 'fast', block });
});
