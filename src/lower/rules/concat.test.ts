import { describe, expect, it } from 'vitest';

import type { Graph, Value } from '../../onnx/graph.js';
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

/** A map in blocked layout: what a pointwise convolution gives. */
function mixed({ o, input, weight }: TestNet, name: string, channels: number, side = 7): Value {
  const x = input(`x${name}`, [BATCH, 2, side, side]);
  return o.op('Conv', [x, weight(name, [channels, 2, 1, 1])]);
}

const CASES: readonly LoweringCase[] = [
  {
    name: 'two maps side by side, as in a dense block',
    build: (net) => {
      const first = net.batchNorm('first', mixed(net, 'a', 3));
      const more = net.o.op('Conv', [net.o.relu(first), net.weight('more', [2, 3, 1, 1])]);
      return net.batchNorm('all', net.o.concat([first, more], 1));
    },
  },
  {
    name: 'a map and one that is not blocked',
    build: (net) => {
      const plain = net.input('plain', [BATCH, 2, 7, 7]);
      return net.batchNorm('all', net.o.concat([plain, mixed(net, 'a', 3)], 1));
    },
  },
  {
    name: 'some channels of a map',
    build: (net) => net.o.relu(net.o.slice(mixed(net, 'a', 5), [1], [4], [1])),
  },
  {
    name: 'every second channel, and the last by a negative start',
    build: (net) => {
      const map = mixed(net, 'a', 6);
      const some = net.o.slice(map, [0], [6], [1], [2]);
      return net.o.concat([some, net.o.slice(map, [-1], [6], [1])], 1);
    },
  },
  {
    name: 'rows of a map, and maps one below the other',
    build: (net) => {
      const map = mixed(net, 'a', 3);
      return net.o.concat([net.o.slice(map, [1], [4], [2]), map], 2);
    },
  },
];

describe.each(kernelSets(block))('concatenations and slices with %s kernels', (_, kernels) => {
  it.each(CASES.map((c) => [c.name, c] as const))('%s', async (_name, c) => {
    await checkLowering(c, kernels);
  });

  it('changes no layout in a dense block', async () => {
    const graph: Graph = await checkLowering(CASES[0] as LoweringCase, kernels);
    const transposes = operatorsOf(graph).filter((op) => op === 'Transpose');
    // What comes in and what the test reads are plain.
    expect(transposes.length).toBeLessThanOrEqual(6);
  });
});
