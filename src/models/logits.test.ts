import { describe, expect, it } from 'vitest';

import { activation, softmax } from '../layers/activation.js';
import { dense } from '../layers/dense.js';
import type { LayerDraft } from '../layers/define.js';
import { evaluateGraph } from '../ops/reference/evaluate.js';
import { inferenceGraph } from './inference.js';
import { logitsGraph } from './logits.js';
import { initialWeights } from './model.js';
import { NetBuilder } from './net-builder.js';

function netOf(units: LayerDraft, ...after: LayerDraft[]) {
  const net = new NetBuilder();
  const x = net.input([4]);
  return net.build('tiny', [after.reduce((y, layer) => net.add(layer, y), net.add(units, x, 'scores'))]);
}

const feed = { shape: [1, 4], data: Float64Array.of(1, -2, 3, 0.5) };
const run = (graph: ReturnType<typeof netOf>) => {
  const weights = initialWeights(graph);
  const values = evaluateGraph(inferenceGraph(graph, weights, { batch: 1 }), { [graph.inputs[0]!]: feed });
  return [...values.get(graph.outputs[0]!)!.data];
};
const softmaxOf = (values: number[]) => {
  const powers = values.map(Math.exp);
  return powers.map((power) => power / powers.reduce((a, b) => a + b));
};

describe('logitsGraph', () => {
  const linear = netOf(dense({ units: 3 }));

  it.each([
    ['the activation of the last layer', netOf(dense({ units: 3, activation: 'softmax' }))],
    ['a Softmax layer', netOf(dense({ units: 3 }), softmax())],
    ['an Activation layer', netOf(dense({ units: 3 }), activation('softmax'))],
  ])('takes off %s', (_, graph) => {
    const logits = logitsGraph(graph);
    expect(run(logits)).toEqual(run(linear));
    run(graph).forEach((p, i) => expect(p).toBeCloseTo(softmaxOf(run(logits))[i]!, 6));
  });

  it('leaves logits and frozen layers as they are', () => {
    expect(logitsGraph(linear)).toBe(linear);
    const frozen = netOf(dense({ units: 3, activation: 'softmax' }));
    frozen.node('scores').layer.trainable = false;
    expect(logitsGraph(frozen).node('scores').layer.trainable).toBe(false);
  });
});
