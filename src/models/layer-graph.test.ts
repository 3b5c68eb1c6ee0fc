import { describe, expect, it } from 'vitest';

import { createRandom } from '../core/random.js';
import { relu } from '../layers/activation.js';
import { conv2d } from '../layers/conv2d.js';
import { add } from '../layers/merging.js';
import { LayerGraph } from './layer-graph.js';
import { checkWeights, countParameters, initialWeights } from './model.js';
import { expressionHead, withHead } from './head.js';
import { NetBuilder, snakeCase } from './net-builder.js';

describe('LayerGraph', () => {
  it('orders by distance from the output, then by the walk from it, whatever the order of creation', () => {
    const net = new NetBuilder();
    const image = net.input([4, 4, 2], 'image');
    const short = net.add(relu(), image, 'short');
    const unused = net.add(relu(), image, 'unused');
    const deep = net.add(relu(), net.add(relu(), image, 'deep_1'), 'deep_2');
    const graph = net.build('branches', [net.add(add(), [deep, short], 'sum')]);
    expect(unused.shape).toEqual([4, 4, 2]);
    expect(graph.layers.map((layer) => layer.name)).toEqual(['image', 'deep_1', 'deep_2', 'short', 'sum']);
  });

  it('refuses a cycle, an unknown name and a name used twice', () => {
    const layer = (name: string) => relu().create(name);
    const build = (nodes: readonly (readonly [string, string[]])[]) =>
      new LayerGraph({
        name: 'm',
        nodes: nodes.map(([name, inbound]) => ({ name, layer: layer(name), inbound })),
        inputs: [],
        outputs: ['a'],
      });
    expect(() =>
      build([
        ['a', ['b']],
        ['b', ['a']],
      ]),
    ).toThrow(/cycle through "a"/);
    expect(() => build([['a', ['b']]])).toThrow(
      'model "m": received a reference to "b", expected the name of a layer of the model.',
    );
    expect(() =>
      build([
        ['a', []],
        ['a', []],
      ]),
    ).toThrow(/two layers named "a"/);
  });

  it('names a layer that its input does not fit', () => {
    const net = new NetBuilder();
    const image = net.input([2, 2, 3]);
    const draft = conv2d({ filters: 4, kernelSize: 3 });
    expect(() => net.add(draft, image, 'c')).toThrow(
      'Conv2D "c": received shape [2, 2, 3], expected an input large enough for it.',
    );
  });
});

describe('NetBuilder', () => {
  it('names as Keras does', () => {
    expect(['Conv2D', 'ReLU', 'GlobalAveragePooling2D', 'InputLayer'].map(snakeCase)).toEqual([
      'conv2d',
      're_lu',
      'global_average_pooling2d',
      'input_layer',
    ]);
    const net = new NetBuilder();
    const image = net.input([4]);
    expect([net.add(relu(), image).node, net.add(relu(), image).node]).toEqual(['re_lu', 're_lu_1']);
  });
});

describe('heads and weights', () => {
  const backbone = () => {
    const net = new NetBuilder();
    const image = net.input([4, 4, 3]);
    return net.build('tiny', [net.add(conv2d({ filters: 6, kernelSize: 3 }), image, 'conv')]);
  };

  it('builds the reference head', () => {
    const graph = withHead(backbone(), { classes: 5 });
    expect(graph.outputs).toEqual(['logits']);
    expect(graph.shapeOf('logits')).toEqual([5]);
    const dense = 6 * 512 + 512 * 256 + 256 * 128 + 128 * 5 + 5;
    expect(countParameters(graph)).toBe(3 * 3 * 3 * 6 + 6 + 4 * (6 + 512 + 256 + 128) + dense);
    const penalties = graph.weightSlots.filter(({ spec }) => spec.l2 !== undefined);
    expect(penalties.map(({ key, spec }) => [key, spec.l2])).toEqual([
      ['head_dense_1/kernel', 3e-5],
      ['head_dense_2/kernel', 3e-5],
      ['head_dense_3/kernel', 3e-5],
    ]);
  });

  it('builds the light head', () => {
    const { net, features } = NetBuilder.extend(backbone());
    const graph = net.build('light', [expressionHead(features[0]!, { classes: 3, kind: 'light' })]);
    expect(graph.layers.slice(-3).map((layer) => layer.className)).toEqual([
      'GlobalAveragePooling2D',
      'Dropout',
      'Dense',
    ]);
  });

  it('draws weights by name: a longer net leaves the first layers as they were', () => {
    const short = initialWeights(backbone(), createRandom(3));
    const long = initialWeights(withHead(backbone(), { classes: 5 }), createRandom(3));
    expect(long.get('conv/kernel')).toEqual(short.get('conv/kernel'));
    expect(initialWeights(backbone(), createRandom(4)).get('conv/kernel')).not.toEqual(
      short.get('conv/kernel'),
    );
  });

  it('names a weight that is missing or of the wrong size', () => {
    const graph = backbone();
    const weights = initialWeights(graph);
    weights.set('conv/bias', new Float32Array(5));
    expect(() => checkWeights(graph, weights)).toThrow(
      'model "tiny": received 5 values for "conv/bias", expected 6 values of shape [6].',
    );
    weights.delete('conv/bias');
    expect(() => checkWeights(graph, weights)).toThrow(/no weight "conv\/bias"/);
  });
});
