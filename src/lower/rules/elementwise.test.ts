import { describe, expect, it } from 'vitest';

import type { Shape } from '../../core/tensor.js';
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
const CHANNELS = 3;

/** A blocked map: a pointwise convolution of pictures. */
function map(net: TestNet, size: number, name = 'map', channels = CHANNELS): Value {
  const x = net.input(`${name}_x`, [BATCH, 2, size, size]);
  return net.o.op('Conv', [x, net.weight(`${name}_w`, [channels, 2, 1, 1])]);
}

/** The same, followed by a batch norm whose scale and shift are pending. */
function pending(net: TestNet, size: number, name = 'normed'): Value {
  return net.batchNorm(name, map(net, size, name));
}

/** One factor per picture and channel, computed from a map: squeeze and excite. */
function gate(net: TestNet, x: Value, name = 'gate'): Value {
  const { o } = net;
  const squeezed = o.op('Conv', [
    o.op('GlobalAveragePool', [x]),
    net.weight(`${name}_w`, [2, CHANNELS, 1, 1]),
  ]);
  const bias = net.weight(`${name}_b`, [CHANNELS]);
  const excited = o.op('Conv', [o.relu(squeezed), net.weight(`${name}_v`, [CHANNELS, 2, 1, 1]), bias]);
  return o.hardSigmoid(excited, 1 / 6, 0.5);
}

function unary(name: string, apply: (net: TestNet, x: Value) => Value): LoweringCase[] {
  return [7, 20].flatMap((size) => [
    { name: `${name} of a map of ${size}²`, build: (net: TestNet) => apply(net, map(net, size)) },
    { name: `${name} of a pending map of ${size}²`, build: (net: TestNet) => apply(net, pending(net, size)) },
  ]);
}

const UNARY = [
  ...unary('Relu', ({ o }, x) => o.relu(x)),
  ...unary('HardSwish', ({ o }, x) => o.op('HardSwish', [o.mul(x, 3)])),
  ...unary('HardSigmoid', ({ o }, x) => o.hardSigmoid(o.mul(x, 3), 1 / 6, 0.5)),
  ...unary('HardSigmoid of default slope', ({ o }, x) => o.op('HardSigmoid', [x])),
  ...unary('Sigmoid', ({ o }, x) => o.op('Sigmoid', [x])),
  ...unary('Clip to 0…1', ({ o }, x) => o.op('Clip', [x, o.scalar(0), o.scalar(1)])),
  ...unary('Tanh', ({ o }, x) => o.op('Tanh', [x])),
  ...unary('Neg, Exp, Sqrt', ({ o }, x) => o.sqrt(o.exp(o.neg(x)))),
  ...unary('Relu that is read twice', ({ o }, x) => o.add(o.relu(x), o.mul(o.relu(x), x))),
];

function residual(name: string, build: (net: TestNet, size: number) => Value): LoweringCase[] {
  return [7, 20].map((size) => ({ name: `${name} at ${size}²`, build: (net: TestNet) => build(net, size) }));
}

const SUMS = [
  ...residual('map + map', (net, size) => net.o.add(map(net, size, 'a'), map(net, size, 'b'))),
  ...residual('pending + map', (net, size) => net.o.add(pending(net, size), map(net, size))),
  ...residual('map + pending', (net, size) => net.o.add(map(net, size), pending(net, size))),
  ...residual('pending + pending', (net, size) =>
    net.o.add(pending(net, size, 'a'), pending(net, size, 'b')),
  ),
  ...residual('pending + itself', (net, size) => {
    const x = pending(net, size);
    return net.o.add(x, x);
  }),
  ...residual('pending + pictures', (net, size) => {
    return net.o.add(pending(net, size), net.input('p', [BATCH, CHANNELS, size, size]));
  }),
  ...residual('pictures + pending', (net, size) => {
    return net.o.add(net.input('p', [BATCH, CHANNELS, size, size]), pending(net, size));
  }),
  ...residual('inverted residual, its sum read twice', (net, size) => {
    const x = net.o.relu(pending(net, size, 'a'));
    const y = net.batchNorm('b', net.o.op('Conv', [x, net.weight('w', [CHANNELS, CHANNELS, 1, 1])]));
    const sum = net.o.add(x, y);
    return net.o.add(net.o.op('Conv', [sum, net.weight('v', [CHANNELS, CHANNELS, 1, 1])]), sum);
  }),
  ...residual('a convolution read by a batch norm and by the sum behind it', (net, size) => {
    const x = map(net, size);
    return net.o.relu(net.o.add(net.batchNorm('norm', x), x));
  }),
  ...residual('map + planes + planes', (net, size) => {
    const planes = (name: string) =>
      net.o.expand(gate(net, map(net, 5, name), `${name}_gate`), [BATCH, CHANNELS, size, size]);
    return net.o.relu(net.o.add(net.o.add(map(net, size), gate(net, map(net, 6, 'c'))), planes('a')));
  }),
  ...residual('three sums in a row', (net, size) => {
    const sum = net.o.add(net.o.add(pending(net, size, 'a'), map(net, size, 'b')), pending(net, size, 'c'));
    return net.o.relu(sum);
  }),
];

const GATES = [
  ...residual('map · gate', (net, size) => {
    const x = map(net, size);
    return net.o.mul(x, gate(net, x));
  }),
  ...residual('gate · map', (net, size) => {
    const x = map(net, size);
    return net.o.mul(gate(net, x), x);
  }),
  ...residual('pending · gate, then pointwise', (net, size) => {
    const x = net.o.op('HardSwish', [pending(net, size)]);
    const y = net.o.mul(x, gate(net, x));
    return net.batchNorm('last', net.o.op('Conv', [y, net.weight('w', [2, CHANNELS, 1, 1])]));
  }),
  ...residual('pictures · gate', (net, size) => {
    const x = net.input('p', [BATCH, CHANNELS, size, size]);
    return net.o.mul(x, gate(net, map(net, size)));
  }),
  ...residual('gate · map, once large and once small', (net, size) => {
    const g = gate(net, map(net, size));
    return net.o.add(
      net.o.op('GlobalAveragePool', [net.o.mul(g, map(net, 20, 'large'))]),
      net.o.op('GlobalAveragePool', [net.o.mul(g, map(net, 5, 'small'))]),
    );
  }),
];

/** `map ∘ operand` and `operand ∘ map` for every operator and shape that broadcasts. */
const OPERANDS: readonly (readonly [string, Shape])[] = [
  ['a number', []],
  ['a vector of one', [1]],
  ['channels [C, 1, 1]', [CHANNELS, 1, 1]],
  ['channels [1, C, 1, 1]', [1, CHANNELS, 1, 1]],
  ['planes [N, C, 1, 1]', [BATCH, CHANNELS, 1, 1]],
  ['pictures [N, 1, 1, 1]', [BATCH, 1, 1, 1]],
  ['pixels [H, W]', [5, 5]],
  ['pixels [1, 1, H, W]', [1, 1, 5, 5]],
  ['a row of pixels [W]', [5]],
  ['channels and pixels [1, C, H, W]', [1, CHANNELS, 5, 5]],
  ['pictures and pixels [N, 1, H, W]', [BATCH, 1, 5, 5]],
  ['a map', [BATCH, CHANNELS, 5, 5]],
];

const OPERAND_CASES = OPERANDS.flatMap(([what, shape]) =>
  ['Add', 'Sub', 'Mul', 'Div'].flatMap((opType) =>
    [false, true].map((swapped): LoweringCase => ({
      name: swapped ? `${opType}: ${what} ∘ map` : `${opType}: map ∘ ${what}`,
      build: (net) => {
        const x = net.o.add(net.o.op('Sigmoid', [map(net, 5)]), 0.5);
        const y = net.weight('operand_gamma', shape);
        return net.o.op(opType, swapped ? [y, x] : [x, y]);
      },
    })),
  ),
);

/** Shapes that coincide by accident. */
const COINCIDENCES: readonly LoweringCase[] = [
  {
    name: 'a vector of W = C numbers runs along the width, not over channels',
    build: (net) => net.o.mul(map(net, CHANNELS), net.weight('v', [CHANNELS])),
  },
  {
    name: 'a map of one channel times one factor per picture',
    build: (net) => net.o.mul(map(net, 6, 'map', 1), net.weight('v', [BATCH, 1, 1, 1])),
  },
  {
    name: 'maps of one pixel',
    build: (net) =>
      net.o.mul(net.o.add(map(net, 1, 'a'), map(net, 1, 'b')), net.weight('v', [BATCH, CHANNELS, 1, 1])),
  },
  {
    name: 'two gates that only together have the size of a map',
    build: (net) => {
      const g = gate(net, map(net, 5));
      return net.o.mul(g, net.weight('pixels', [1, 1, 5, 5]));
    },
  },
];

describe.each(kernelSets(block))('element by element with %s kernels', (_, kernels) => {
  const check = async (__: string, c: LoweringCase): Promise<void> => {
    await checkLowering(c, kernels);
  };
  const named = (cases: readonly LoweringCase[]) => cases.map((c) => [c.name, c] as const);

  it.each(named(UNARY))('%s', check);
  it.each(named(SUMS))('%s', check);
  it.each(named(GATES))('%s', check);
  it.each(named(OPERAND_CASES))('%s', check);
  it.each(named(COINCIDENCES))('%s', check);

  it('a batch norm, its sum and its activation are fused where there are blocked kernels', async () => {
    const c: LoweringCase = {
      name: 'fused',
      build: (net) => net.o.relu(net.o.add(pending(net, 7), map(net, 7))),
    };
    const operators = operatorsOf(await checkLowering(c, kernels));
    expect(operators.includes('Relu')).toBe(kernels.kind !== 'fast');
  });
});
