import { describe, expect, it } from 'vitest';

import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { depthwiseConv2d } from '../layers/depthwise-conv2d.js';
import { globalAveragePooling2d } from '../layers/pooling.js';
import { separableConv2d } from '../layers/separable-conv2d.js';
import { LayerGraph } from './layer-graph.js';
import { macsOf } from './macs.js';
import { NetBuilder } from './net-builder.js';
import { buildNet } from './nets.js';

describe('macsOf', () => {
  it('counts each kind of layer by hand', () => {
    const net = new NetBuilder();
    let x = net.input([9, 9, 4], 'image');
    x = net.add(conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: 'same', groups: 2 }), x, 'conv');
    x = net.add(depthwiseConv2d({ kernelSize: [3, 1], depthMultiplier: 2 }), x, 'depthwise');
    x = net.add(separableConv2d({ filters: 6, kernelSize: 3, padding: 'same' }), x, 'separable');
    x = net.add(globalAveragePooling2d(), x, 'pool');
    const { total, byLayer } = macsOf(net.build('net', [net.add(dense({ units: 5 }), x, 'dense')]));
    expect(Object.fromEntries(byLayer)).toEqual({
      conv: 3 * 3 * (4 / 2) * 8 * (5 * 5),
      depthwise: 3 * 1 * 8 * 2 * (3 * 5),
      separable: (3 * 3 * 16 + 16 * 6) * (3 * 5),
      dense: 6 * 5,
    });
    expect(total).toBe(3600 + 720 + 3600 + 30);
  });

  it('counts a shared layer at every call', () => {
    const layer = conv2d({ filters: 2, kernelSize: 3, padding: 'same' }).create('shared');
    const net = new NetBuilder();
    const { nodes } = net.build('one', [
      net.add(conv2d({ filters: 2, kernelSize: 1 }), net.input([4, 4, 2]), 'a'),
    ]);
    const twice = [
      ...nodes,
      { name: 'shared', layer, inbound: ['a'] },
      { name: 'shared:1', layer, inbound: ['shared'] },
    ];
    const inputs = [nodes[0]!.name];
    const graph = new LayerGraph({ name: 'twice', nodes: twice, inputs, outputs: ['shared:1'] });
    expect(macsOf(graph).byLayer.get('shared')).toBe(2 * 3 * 3 * 2 * 2 * 16);
  });

  // torchvision's `_ops` of its ImageNet weights, published in units of 10⁶ and counted in this way; NASNet-A
  // (4 @ 1056) by Zoph et al. 2018, table 2.
  it.each([
    ['mobileNetV3Small', 0.057e9],
    ['mobileNetV3Large', 0.217e9],
    ['mobileNetV2', 0.301e9],
    ['densenet121', 2.834e9],
    ['nasnetMobile', 0.564e9],
  ])('gives the published figure of %s at 224 pixels', (name, published) => {
    const graph = buildNet(name, { inputShape: [224, 224, 3], includeTop: { classes: 1000 } });
    expect(Math.abs(macsOf(graph).total - published)).toBeLessThan(0.5e6);
  });
});
