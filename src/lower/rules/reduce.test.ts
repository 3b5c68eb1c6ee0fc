import { describe, expect, it } from 'vitest';

import type { Value } from '../../onnx/graph.js';
import { operatorsOf } from '../../ops/testing/check-onnx.js';
import {
  BATCH,
  blockOfThisCpu,
  checkLowering,
  kernelSets,
  type LoweringCase,
  type TestNet,
} from '../testing/check-lowering.js';

const block = await blockOfThisCpu();

function map(net: TestNet, size: number, name = 'map'): Value {
  const x = net.input(`${name}_x`, [BATCH, 2, size, size]);
  return net.o.op('Conv', [x, net.weight(`${name}_w`, [3, 2, 1, 1])]);
}

function over(name: string, build: (net: TestNet, size: number) => Value): LoweringCase[] {
  return [1, 7, 20].map((size) => ({ name: `${name} at ${size}²`, build: (net) => build(net, size) }));
}

const REDUCTIONS = [
  ...over('sum over pixels', (net, size) => net.o.reduceSum(map(net, size), [2, 3])),
  ...over('mean over pixels', (net, size) => net.o.reduceMean(map(net, size), [2, 3])),
  ...over('sum over pixels, counted from the end', (net, size) => net.o.reduceSum(map(net, size), [-1, -2])),
  ...over('sum over pixels, axes dropped', (net, size) => net.o.reduceSum(map(net, size), [2, 3], false)),
  ...over('sum over pictures and pixels', (net, size) => net.o.reduceSum(map(net, size), [0, 2, 3])),
  ...over('mean over pictures and pixels', (net, size) => net.o.reduceMean(map(net, size), [3, 0, 2], false)),
  ...over('sum over pictures', (net, size) => net.o.reduceSum(map(net, size), [0])),
  ...over('sum over channels', (net, size) => net.o.reduceSum(map(net, size), [1])),
  ...over('mean over everything', (net, size) => net.o.reduceMean(map(net, size), [0, 1, 2, 3], false)),
  ...over('sum of a product over pixels', (net, size) => {
    return net.o.reduceSum(net.o.mul(map(net, size, 'a'), map(net, size, 'b')), [2, 3]);
  }),
  ...over('sum of a product over pictures and pixels', (net, size) => {
    return net.o.reduceSum(net.o.mul(map(net, size, 'a'), map(net, size, 'b')), [0, 2, 3]);
  }),
  ...over('mean of a square over pixels, the square read again', (net, size) => {
    const x = map(net, size);
    const square = net.o.mul(x, x);
    return net.o.mul(square, net.o.reduceMean(square, [2, 3]));
  }),
  ...over('global average', (net, size) => net.o.op('GlobalAveragePool', [map(net, size)])),
  ...over('global average of a pending map, then dense', (net, size) => {
    const pooled = net.o.op('GlobalAveragePool', [net.o.relu(net.batchNorm('norm', map(net, size)))]);
    return net.o.matMul(net.o.reshape(pooled, [BATCH, 3]), net.weight('dense', [3, 4]));
  }),
  ...over('one value per plane spread over the plane', (net, size) => {
    const pooled = net.o.op('GlobalAveragePool', [map(net, 5, 'source')]);
    const spread = net.o.expand(pooled, [BATCH, 3, size, size]);
    return net.o.add(net.o.op('Sigmoid', [spread]), map(net, size));
  }),
  ...over('one value per channel spread over everything', (net, size) => {
    const spread = net.o.expand(net.weight('v', [1, 3, 1, 1]), [BATCH, 3, size, size]);
    return net.o.mul(spread, map(net, size));
  }),
];

/** A weight that has the look of a map: what the batch's lanes do not divide must stay plain. */
const WEIGHTS: LoweringCase = {
  name: 'a weight of five 1×1 kernels spread to 3×3',
  build: ({ o, input, weight }) => {
    const kernel = o.expand(o.op('Sigmoid', [weight('w', [5, 2, 1, 1])]), [5, 2, 3, 3]);
    return o.op('Conv', [input('x', [BATCH, 2, 6, 6]), kernel]);
  },
};

const NORMS: readonly LoweringCase[] = [
  ...[1, 7, 9, 20].map((size): LoweringCase => ({
    name: `batch norm of maps of ${size}², far from 0`,
    build: (net) => net.o.op('Tanh', [net.batchNorm('norm', net.o.add(map(net, size), 20))]),
  })),
  {
    name: 'batch norm of pictures',
    build: (net) => {
      const [x, other] = [net.input('x', [BATCH, 3, 6, 6]), net.input('other', [BATCH, 3, 6, 6])];
      const mixed = net.o.add(x, net.o.mul(other, net.weight('v', [3, 1, 1])));
      return net.o.op('Tanh', [net.batchNorm('norm', mixed)]);
    },
  },
  {
    name: 'batch norm of vectors',
    build: (net) => {
      const x = net.o.matMul(net.input('x', [BATCH, 5]), net.weight('dense', [5, 4]));
      return net.o.matMul(net.o.relu(net.batchNorm('norm', x)), net.weight('last', [4, 3]));
    },
  },
  {
    name: 'two batch norms in a row',
    build: (net) => net.o.relu(net.batchNorm('b', net.o.relu(net.batchNorm('a', map(net, 7))))),
  },
  {
    name: 'a batch norm read by two',
    build: (net) => {
      const x = net.batchNorm('norm', map(net, 7));
      return net.o.mul(net.o.relu(x), net.o.op('Sigmoid', [x]));
    },
  },
];

describe.each(kernelSets(block))('reductions with %s kernels', (_, kernels) => {
  const check = async (__: string, c: LoweringCase): Promise<void> => {
    await checkLowering(c, kernels);
  };
  const named = (cases: readonly LoweringCase[]) => cases.map((c) => [c.name, c] as const);

  it.each(named([...REDUCTIONS, WEIGHTS]))('%s', check);
  it.each(named(NORMS))('%s', check);

  it('two passes give the variance: no sum of squares of uncentred values', async () => {
    const operators = operatorsOf(await checkLowering(NORMS[1]!, kernels));
    expect(operators.filter((op) => op === 'ReduceSumSquare')).toEqual([]);
  });
});
