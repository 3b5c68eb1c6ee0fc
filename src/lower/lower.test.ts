import { describe, expect, it } from 'vitest';

import type { Preprocessing } from '../core/preprocessing.js';
import { float32, sizeOf, type Shape } from '../core/tensor.js';
import { preprocess } from '../models/preprocess.js';
import type { Graph, Value } from '../onnx/graph.js';
import { operatorsOf, testBuilder } from '../ops/testing/check-onnx.js';
import { lowerGraph } from './lower.js';
import {
  BATCH,
  blockOfThisCpu,
  checkLowering,
  kernelSets,
  trainingGraph,
  type LoweringCase,
  type TestNet,
} from './testing/check-lowering.js';

const block = await blockOfThisCpu();

/** pointwise, batch norm, relu. */
function pointwise(net: TestNet, x: Value, name: string, channels: number): Value {
  const weights = net.weight(`${name}_w`, [channels, x.shape[1] ?? 1, 1, 1]);
  return net.o.relu(net.batchNorm(name, net.o.op('Conv', [x, weights])));
}

function depthwise(net: TestNet, x: Value, name: string, stride: number, kernel = 3): Value {
  const channels = x.shape[1] ?? 1;
  const half = kernel >> 1;
  const attributes = { group: channels, strides: [stride, stride], pads: [half, half, half, half] };
  const y = net.o.op('Conv', [x, net.weight(`${name}_w`, [channels, 1, kernel, kernel])], attributes);
  return net.o.op('HardSwish', [y]);
}

const record: Preprocessing = {
  version: 1,
  sourceSize: [12, 12],
  inputSize: [18, 20],
  channels: 3,
  colour: 'grey',
  interpolation: 'bicubic',
  antialias: true,
  scale: 1 / 255,
  mean: [0.5, 0.4, 0.3],
  std: [0.2, 0.3, 0.4],
  cropMargin: 0,
};

function photographed(pictures: Shape, into: Partial<Preprocessing>, conv: Shape, strides = 2): LoweringCase {
  const what = `${pictures.slice(1).join('×')} to ${(into.inputSize ?? record.inputSize).join('×')}`;
  return {
    name: `pictures ${what} into a ${conv.join('×')} kernel`,
    build: (net) => {
      const images = preprocess(net.o, net.input('x', pictures), { ...record, ...into });
      const attributes = {
        strides: [strides, strides],
        pads: [1, 1, 1, 1].map((pad) => (conv[2] === 1 ? 0 : pad)),
      };
      return net.o.relu(net.o.op('Conv', [images, net.weight('w', conv)], attributes));
    },
  };
}

const PREPROCESSING = [
  photographed([BATCH, 1, 12, 12], {}, [4, 3, 3, 3]),
  photographed([BATCH, 3, 12, 12], { colour: 'rgb' }, [4, 3, 3, 3]),
  photographed([BATCH, 1, 18, 20], {}, [4, 3, 3, 3]),
  photographed([BATCH, 1, 12, 14], { inputSize: [8, 6], interpolation: 'bilinear' }, [4, 3, 3, 3]),
  photographed([BATCH, 1, 12, 12], { channels: 1, mean: [0.5], std: [0.2] }, [4, 1, 3, 3]),
  photographed([BATCH, 1, 12, 12], {}, [4, 3, 1, 1], 1),
];

const NETS: readonly LoweringCase[] = [
  {
    name: 'from large maps to small ones and on to one pixel',
    build: (net) => {
      let x = pointwise(net, net.input('x', [BATCH, 2, 20, 20]), 'p1', 3);
      x = depthwise(net, x, 'd1', 1);
      x = depthwise(net, x, 'd2', 2);
      x = net.o.add(x, depthwise(net, pointwise(net, x, 'p2', 3), 'd3', 1, 5));
      x = depthwise(net, x, 'd4', 2);
      return net.o.op('GlobalAveragePool', [pointwise(net, x, 'p3', 4)]);
    },
  },
  {
    name: 'a map of exactly 256 pixels beside one of 289',
    build: (net) => {
      const small = depthwise(net, pointwise(net, net.input('a', [BATCH, 2, 16, 16]), 'p1', 2), 'd1', 1);
      const large = depthwise(net, pointwise(net, net.input('b', [BATCH, 2, 17, 17]), 'p2', 2), 'd2', 1);
      const mean = (x: Value) => net.o.op('GlobalAveragePool', [x]);
      return net.o.add(mean(small), mean(large));
    },
  },
  {
    name: 'concatenated channels',
    build: (net) => {
      const x = pointwise(net, net.input('x', [BATCH, 2, 7, 7]), 'p1', 3);
      const joined = net.o.concat([x, depthwise(net, x, 'd1', 1), net.input('aside', [BATCH, 1, 7, 7])], 1);
      return depthwise(net, pointwise(net, joined, 'p2', 2), 'd2', 1);
    },
  },
  {
    name: 'pooled by maxima and means',
    build: (net) => {
      const x = pointwise(net, net.input('x', [BATCH, 2, 9, 9]), 'p1', 3);
      const window = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
      const pooled = net.o.add(net.o.op('MaxPool', [x], window), net.o.op('AveragePool', [x], window));
      return pointwise(net, pooled, 'p2', 2);
    },
  },
  {
    name: 'padded, cut and turned in the middle',
    build: (net) => {
      const x = pointwise(net, net.input('x', [BATCH, 2, 6, 7]), 'p1', 3);
      const moved = net.o.slice(net.o.pad(x, [0, 0, 1, 0, 0, 0, 0, 2]), [1], [6], [3]);
      return pointwise(net, net.o.transpose(moved, [0, 1, 3, 2]), 'p2', 2);
    },
  },
  {
    name: 'a constant convolution behind a trained one',
    build: (net) => {
      const x = pointwise(net, net.input('x', [BATCH, 2, 7, 7]), 'p1', 3);
      const attributes = { group: 3, pads: [1, 1, 1, 1] };
      const y = net.o.op('Conv', [x, net.frozen('k', [3, 1, 3, 3])], attributes);
      return net.o.relu(net.o.op('Conv', [y, net.frozen('v', [2, 3, 1, 1]), net.frozen('b', [2])]));
    },
  },
  {
    name: 'a frozen start before a trained end',
    build: (net) => {
      const stem = net.o.op('Conv', [net.input('x', [BATCH, 3, 8, 8]), net.frozen('k', [4, 3, 3, 3])]);
      return pointwise(net, depthwise(net, net.o.relu(stem), 'd1', 1), 'p1', 2);
    },
  },
  {
    name: 'batch norms on given statistics, folded',
    simplified: true,
    build: (net) => {
      const { o } = net;
      const norm = (x: Value, name: string) => {
        const vector = (what: string) => net.frozen(`${name}_${what}`, [x.shape[1] ?? 1]);
        const operands = ['gamma', 'beta', 'mean', 'variance'].map(vector);
        return o.op('BatchNormalization', [x, ...operands], { epsilon: 1e-3 });
      };
      const x = o.relu(
        norm(o.op('Conv', [net.input('x', [BATCH, 2, 7, 7]), net.weight('w', [3, 2, 1, 1])]), 'a'),
      );
      const attributes = { group: 3, pads: [1, 1, 1, 1] };
      return o.op('HardSwish', [norm(o.op('Conv', [x, net.weight('k', [3, 1, 3, 3])], attributes), 'b')]);
    },
  },
];

describe.each(kernelSets(block))('nets with %s kernels', (_, kernels) => {
  const check = async (__: string, c: LoweringCase): Promise<void> => {
    const domains = operatorsOf(await checkLowering(c, kernels)).filter((op) => op.includes('.'));
    if (kernels.kind === 'pure') expect(domains).toEqual([]);
    expect(domains.filter((op) => op.startsWith('mien.'))).toEqual([]);
  };

  it.each(NETS.map((c) => [c.name, c] as const))('%s', check);
  it.each(PREPROCESSING.map((c) => [c.name, c] as const))('%s', check);
});

describe('the sink of preprocessing', () => {
  it('turns the small grey pictures, not the large normalized ones', () => {
    const lowered = lowerGraph(trainingGraph(PREPROCESSING[0]!), { kind: 'fast', block: BATCH });
    const turned = lowered.nodes
      .filter((node) => ['Transpose', 'FusedMatMul'].includes(node.opType))
      .flatMap((node) => node.inputs.map((name) => sizeOf(lowered.types.get(name)!.shape)));
    expect(turned).toContain(BATCH * 12 * 12);
    expect(turned).not.toContain(BATCH * 3 * 18 * 20);
  });

  it.each([
    ['a constant along the width', [3]],
    ['a constant along the height', [3, 1]],
    ['a number', []],
    ['one number per picture', [16, 1, 1, 1]],
  ] as const)('leaves alone what is not per channel: %s', async (name, shape) => {
    const c: LoweringCase = {
      name,
      build: (net) => {
        const { o } = net;
        const x = o.add(
          o.mul(net.input('x', [BATCH, 3, 3, 3]), net.frozen('factor', shape)),
          net.frozen('shift', shape),
        );
        return o.relu(o.op('Conv', [x, net.weight('w', [2, 3, 1, 1])]));
      },
    };
    for (const [, kernels] of kernelSets(block)) await checkLowering(c, kernels);
  });

  it('copes with a first operand that broadcasts', async () => {
    const c: LoweringCase = {
      name: 'broadcasting first operand',
      build: (net) => {
        const { o } = net;
        const x = o.add(net.input('x', [BATCH, 1, 3, 3]), net.frozen('shift', [1, 3, 1, 1]));
        return o.relu(o.op('Conv', [x, net.weight('w', [2, 3, 1, 1])]));
      },
    };
    for (const [, kernels] of kernelSets(block)) await checkLowering(c, kernels);
  });
});

describe('batches that the blocks do not divide', () => {
  it.each([1, 5, 24])('run with any kernels: %i pictures', async (batch) => {
    const c: LoweringCase = {
      name: `a batch of ${batch}`,
      build: (net) => {
        const x = net.o.op('Sigmoid', [
          net.o.op('Conv', [net.input('x', [batch, 2, 18, 18]), net.weight('mix', [3, 2, 1, 1])]),
        ]);
        const y = net.o.op('Conv', [x, net.weight('d', [3, 1, 3, 3])], { group: 3, strides: [2, 2] });
        const z = net.o.op('Conv', [y, net.weight('e', [3, 1, 3, 3])], { group: 3, pads: [1, 1, 1, 1] });
        return net.o.op('HardSwish', [z]);
      },
    };
    const sets = [
      ...kernelSets(block).map(([, kernels]) => kernels),
      { kind: 'fast', block: block ?? 16 } as const,
    ];
    for (const kernels of sets) await checkLowering(c, kernels);
  });
});

describe('lowerGraph', () => {
  it('keeps inputs, outputs and metadata, unread inputs too', () => {
    const b = testBuilder();
    const x = b.input('x', 'float32', [2, 3]);
    b.input('unread', 'float32', [1]);
    b.output('y', b.node('Relu', [x])[0]!);
    b.output('same', x);
    const lowered = lowerGraph(b.build({ key: 'value' }), { kind: 'pure' });
    expect(lowered.inputs.map((value) => value.name)).toEqual(['x', 'unread']);
    expect(lowered.outputs.map((value) => value.name)).toEqual(['y', 'same']);
    expect(lowered.metadata).toEqual({ key: 'value' });
  });

  it('leaves frozen convolutions to the runtime', () => {
    const b = testBuilder();
    const weights = b.initializer('w', float32(new Float32Array(12), [4, 3, 1, 1]));
    b.output('y', b.node('Conv', [b.input('x', 'float32', [BATCH, 3, 5, 5]), weights])[0]!);
    const lowered: Graph = lowerGraph(b.build(), { kind: 'fast', block: 16 });
    expect(operatorsOf(lowered)).toEqual(['Conv']);
  });
});
