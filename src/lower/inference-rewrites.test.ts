import { describe, expect, it } from 'vitest';

import type { PlainAttributes } from '../onnx/schema.js';
import { operatorsOf } from '../ops/testing/check-onnx.js';
import { fillDepthwise } from './fill-depthwise.js';
import { fuseSampling } from './fuse-sampling.js';
import { padMaxPool } from './pad-max-pool.js';
import { poolEarly } from './pool-early.js';
import { simplifyInference } from './simplify.js';
import { graphOf, rewritten, weights } from './testing/rewritten.js';

describe('poolEarly', () => {
  const net = (pool: PlainAttributes, conv: PlainAttributes = {}, read = 'once') =>
    graphOf((b, o) => {
      const x = b.input('x', 'float32', [1, 3, 6, 6]);
      const y = o.op('Conv', [x, weights(b, [5, 3, 1, 1]), weights(b, [5], 'bias')], conv);
      b.output('y', o.op('AveragePool', [y], pool));
      if (read === 'twice') b.output('z', o.relu(y));
    });
  const half = { kernel_shape: [2, 2], strides: [2, 2] };

  it('averages before a pointwise convolution', () => {
    const graph = rewritten(net(half), poolEarly);
    expect(operatorsOf(graph)).toEqual(['AveragePool', 'Conv', 'Identity']);
  });

  it.each([
    ['padding, which a bias would turn into something else', net({ ...half, pads: [1, 1, 1, 1] })],
    ['a pooling that keeps the size', net({ kernel_shape: [3, 3] })],
    ['a convolution with a stride', net(half, { strides: [2, 2] })],
    ['a convolution that something else reads', net(half, {}, 'twice')],
  ])('leaves %s', (_, graph) => {
    expect(operatorsOf(rewritten(graph, poolEarly)).slice(0, 2)).toEqual(['Conv', 'AveragePool']);
  });
});

describe('fuseSampling', () => {
  interface Cuts {
    readonly pads?: readonly number[];
    readonly crop?: readonly [number, number];
    readonly ends?: readonly number[];
    readonly fill?: number;
  }
  const single = { kernel_shape: [1, 1], strides: [2, 2] };
  const net = (size: number, { pads, crop, ends, fill }: Cuts, pool: PlainAttributes = single) =>
    graphOf((b, o) => {
      let x = b.input('x', 'float32', [1, 3, size, size]);
      if (pads !== undefined)
        x = fill === undefined ? o.pad(x, pads) : o.op('Pad', [x, b.ints(pads), o.scalar(fill)]);
      if (crop !== undefined) x = o.slice(x, crop, ends ?? x.shape.slice(2), [2, 3]);
      b.output('y', o.op('Conv', [o.op('AveragePool', [x], pool), weights(b, [5, 3, 1, 1])]));
    });
  const bottomRight = [0, 0, 0, 0, 0, 0, 1, 1];

  it.each([
    ['every second pixel', net(6, {})],
    ['every second pixel of an odd side', net(7, {})],
    ['every second pixel from the second on', net(6, { crop: [1, 1] })],
    ['as NASNet cuts, even side', net(6, { pads: bottomRight, crop: [1, 1] })],
    ['as NASNet cuts, odd side', net(7, { pads: bottomRight, crop: [1, 1] })],
    ['other rows than columns', net(7, { pads: bottomRight, crop: [2, 1] })],
  ])('one strided convolution: %s', (_, graph) => {
    const fused = simplifyInference(rewritten(graph, fuseSampling));
    expect(operatorsOf(rewritten(fused, (same) => same))).toEqual(['Conv', 'Identity']);
  });

  it.each([
    ['real averages', net(6, {}, { kernel_shape: [2, 2], strides: [2, 2] })],
    ['a padding with something else', net(6, { pads: bottomRight, crop: [1, 1], fill: 2 })],
    ['padding at the top', net(6, { pads: [0, 0, 1, 0, 0, 0, 0, 0], crop: [0, 1] })],
    ['a crop at the bottom', net(6, { crop: [1, 1], ends: [5, 6] })],
  ])('leaves %s', (_, graph) => {
    expect(operatorsOf(rewritten(graph, fuseSampling)).length).toBeGreaterThan(1);
  });
});

describe('fillDepthwise', () => {
  const net = (channels: number, branches = 1, outputs = channels) =>
    graphOf((b, o) => {
      const x = b.input('x', 'float32', [1, channels, 5, 5]);
      for (let i = 0; i < branches; i++) {
        const kernel = weights(b, [outputs, 1, 3, 3], `kernel${i}`);
        const map = o.op('Conv', [o.relu(x), kernel], {
          group: channels,
          pads: [1, 1, 1, 1],
          kernel_shape: [3, 3],
        });
        b.output(`y${i}`, o.op('Conv', [map, weights(b, [3, outputs, 1, 1], `mix${i}`)]));
      }
    });

  it('fills the channels of a depthwise convolution up to whole blocks', () => {
    const graph = rewritten(net(11), (g) => simplifyInference(fillDepthwise(g)));
    expect(operatorsOf(graph)).toEqual(['Relu', 'Pad', 'Conv', 'Conv', 'Identity']);
    const groups = graph.nodes.map((node) => node.attributes['group']?.value);
    expect(groups).toContain(16);
  });

  it('fills a map once that several branches read', () => {
    const shared = graphOf((b, o) => {
      const x = o.relu(b.input('x', 'float32', [1, 5, 5, 5]));
      for (const name of ['a', 'b']) {
        const map = o.op('Conv', [x, weights(b, [5, 1, 3, 3], name)], { group: 5 });
        b.output(`y${name}`, o.op('Conv', [map, weights(b, [3, 5, 1, 1], `mix${name}`)]));
      }
    });
    const graph = rewritten(shared, (g) => simplifyInference(fillDepthwise(g)));
    expect(operatorsOf(graph).filter((op) => op === 'Pad')).toHaveLength(1);
  });

  it.each([
    ['whole blocks', net(8)],
    ['a depth multiplier', net(3, 1, 6)],
  ])('leaves %s', (_, graph) => {
    expect(operatorsOf(rewritten(graph, fillDepthwise))).not.toContain('Pad');
  });
});

describe('padMaxPool', () => {
  const net = (activation: string, pads: readonly number[], pool: PlainAttributes = {}) =>
    graphOf((b, o) => {
      const x = o.op(activation, [b.input('x', 'float32', [1, 2, 6, 6])]);
      b.output('y', o.op('MaxPool', [o.pad(x, pads)], { kernel_shape: [3, 3], strides: [2, 2], ...pool }));
    });
  const around = [0, 0, 1, 1, 0, 0, 1, 1];

  it('moves the zeros around what is never negative into the pooling', () => {
    const graph = rewritten(net('Relu', around), padMaxPool);
    expect(operatorsOf(graph)).toEqual(['Relu', 'MaxPool', 'Identity']);
  });

  it.each([
    ['what may be negative', net('Neg', around)],
    ['a window in the padding alone', net('Relu', [0, 0, 3, 3, 0, 0, 3, 3])],
    ['a pooling with padding of its own', net('Relu', around, { pads: [1, 1, 0, 0] })],
  ])('leaves %s', (_, graph) => {
    expect(operatorsOf(rewritten(graph, padMaxPool))).toContain('Pad');
  });
});
