import { describe, expect, it } from 'vitest';

import { withHead } from '../models/head.js';
import { mobileNetV3Small } from '../models/mobilenet-v3-small.js';
import { applyTrainable } from './trainable.js';

const graph = withHead(mobileNetV3Small({ inputShape: [32, 32, 3] }), { classes: 5 });
const backbone = graph.layers.slice(
  0,
  graph.layers.findIndex((layer) => layer.name === 'head_pool'),
);
const head = graph.layers.slice(backbone.length);
const norms = (trainable: boolean) =>
  backbone.filter((layer) => layer.className === 'BatchNormalization' && layer.trainable === trainable)
    .length;

describe('applyTrainable', () => {
  it('trains the head alone', () => {
    applyTrainable(graph, 'head_pool', { layers: 'head' });
    expect(backbone.some((layer) => layer.trainable)).toBe(false);
    expect(head.every((layer) => layer.trainable)).toBe(true);
  });

  it('trains the last layers in Keras order, with every batch norm frozen', () => {
    applyTrainable(graph, 'head_pool', { layers: 'top', count: 60, batchNorm: 'frozen' });
    expect(backbone.slice(0, -60).some((layer) => layer.trainable)).toBe(false);
    expect(norms(true)).toBe(0);
    const top = backbone.slice(-60).filter((layer) => layer.className !== 'BatchNormalization');
    expect(top.length).toBeGreaterThan(30);
    expect(top.every((layer) => layer.trainable)).toBe(true);
  });

  it('trains everything', () => {
    applyTrainable(graph, 'head_pool', { layers: 'all', batchNorm: 'trainable' });
    expect(graph.layers.every((layer) => layer.trainable)).toBe(true);
    expect(norms(true)).toBe(34);
  });

  it('names a head that is not there', () => {
    expect(() => applyTrainable(graph, 'top', { layers: 'head' })).toThrow(
      'trainable: received no layer "top", expected the head.',
    );
  });
});
