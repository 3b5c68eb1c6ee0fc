import { describe, expect, it } from 'vitest';

import type { Preprocessing } from '../core/preprocessing.js';
import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { globalAveragePooling2d } from '../layers/pooling.js';
import { NetBuilder } from '../models/net-builder.js';
import { ortNode } from '../runtime/node/ort.js';
import { createGradCam, lastFeatures } from './grad-cam.js';
import { overlay, valueAt } from './heat-map.js';

const preprocessing: Preprocessing = {
  version: 1,
  ...{ sourceSize: [4, 4], inputSize: [4, 4], channels: 1, colour: 'grey', interpolation: 'bicubic' },
  ...{ antialias: true, scale: 1, mean: [0], std: [1], cropMargin: 0 },
};

/** Two feature maps, the picture and its negative; three classes: for the one, for the other, against the one. */
function handMade() {
  const net = new NetBuilder();
  const maps = net.add(conv2d({ filters: 2, kernelSize: 1 }), net.input([4, 4, 1]), 'maps');
  const logits = net.add(dense({ units: 3 }), net.add(globalAveragePooling2d(), maps, 'pool'), 'logits');
  const weights = new Map([
    ['maps/kernel', Float32Array.of(1, -1)],
    ['maps/bias', Float32Array.of(0, 255)],
    ['logits/kernel', Float32Array.of(1, 0, -1, 0, 1, 0)],
    ['logits/bias', Float32Array.of(5, -3, 0)],
  ]);
  return {
    graph: net.build('hand_made', [logits]),
    weights,
    preprocessing,
    pictureShape: [1, 4, 4] as const,
  };
}

const picture = Float32Array.from({ length: 16 }, (_, i) => (i === 6 ? 200 : i));

describe('createGradCam', () => {
  it('is the weighted sum of the feature maps, worked out by hand', async () => {
    const cam = await createGradCam(ortNode(), handMade());
    expect(cam.layer).toBe('maps');
    const bright = await cam.explain(picture, 0);
    expect([bright.width, bright.height]).toEqual([4, 4]);
    bright.values.forEach((value, i) => expect(value).toBeCloseTo((picture[i] ?? 0) / 200, 5));
    const dark = await cam.explain(picture, 1);
    dark.values.forEach((value, i) => expect(value).toBeCloseTo((255 - (picture[i] ?? 0)) / 255, 5));
    // Whatever speaks against a class is no evidence for it.
    expect([...(await cam.explain(picture, 2)).values]).toEqual(new Array(16).fill(0));
    await cam.close();
  });

  it('refuses a class that is not there', async () => {
    const cam = await createGradCam(ortNode(), handMade());
    await expect(cam.explain(picture, 3)).rejects.toThrow(
      'Grad-CAM: received 3, expected a class between 0 and 2.',
    );
    await cam.close();
  });
});

it('lastFeatures refuses a model without pictures', () => {
  const net = new NetBuilder();
  const graph = net.build('flat', [net.add(dense({ units: 2 }), net.input([3]))]);
  expect(() => lastFeatures(graph)).toThrow('Grad-CAM: received a model without feature maps');
});

it('valueAt interpolates between the centres of cells', () => {
  const map = { width: 2, height: 1, values: Float32Array.of(0, 1) };
  expect([0, 0.25, 0.5, 0.75, 1].map((x) => valueAt(map, x, 0.5))).toEqual([0, 0, 0.5, 1, 1]);
});

it('overlay leaves a picture grey where the map is 0 and reddens it where it is 1', () => {
  const grey = { width: 2, height: 1, channels: 1 as const, pixels: Uint8Array.of(100, 100) };
  const { pixels } = overlay(grey, { width: 2, height: 1, values: Float32Array.of(0, 1) });
  expect([...pixels]).toEqual([100, 100, 100, 209, 79, 44]);
});
