import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { sizeOf } from '../core/tensor.js';
import { inferenceGraph } from './inference.js';
import type { LayerGraph } from './layer-graph.js';
import { mobileNetV3Small } from './mobilenet-v3-small.js';
import { countParameters, initialWeights } from './model.js';
import { findRecord } from './weights/records.js';

type Row = readonly [name: string, className: string, shape: readonly number[], parameters: number];
interface Case {
  readonly parameters: number;
  readonly layers: readonly Row[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../tests/golden/mobilenet_v3_small.json', import.meta.url), 'utf8'),
) as Record<string, Case>;

function rows(graph: LayerGraph): Row[] {
  const slots = graph.weightSlots;
  return graph.layers.map((layer) => {
    const own = slots.filter((slot) => slot.layer === layer);
    const parameters = own.reduce((sum, { spec }) => sum + sizeOf(spec.shape), 0);
    return [layer.name, layer.className, graph.shapeOf(layer.name), parameters];
  });
}

describe('mobileNetV3Small', () => {
  it.each([
    ['no_top_128', { inputShape: [128, 128, 3] as const }],
    ['no_top_97x65_preprocessing', { inputShape: [97, 65, 3] as const, includePreprocessing: true }],
    [
      'top_224',
      { inputShape: [224, 224, 3] as const, includeTop: { classes: 1000 }, includePreprocessing: true },
    ],
    ['no_top_075', { inputShape: [64, 64, 3] as const, alpha: 0.75, includePreprocessing: true }],
    [
      'top_150_minimalistic',
      {
        inputShape: [64, 64, 3] as const,
        includeTop: { classes: 7 },
        alpha: 1.5,
        minimalistic: true,
        includePreprocessing: true,
      },
    ],
  ])('lists the layers that Keras lists: %s', (name, options) => {
    const graph = mobileNetV3Small(options);
    expect(rows(graph)).toEqual(golden[name]?.layers);
    expect(countParameters(graph)).toBe(golden[name]?.parameters);
  });

  it('pads symmetrically for torchvision weights, with the same last 60 layers and parameters', () => {
    const weights = findRecord('mobileNetV3Small', 'torchvision');
    const graph = mobileNetV3Small({ inputShape: [128, 128, 3], weights });
    const names = graph.layers.map((layer) => layer.name);
    expect(names[1]).toBe('conv_pad');
    expect(graph.shapeOf('conv')).toEqual([64, 64, 16]);
    expect(graph.shapeOf('expanded_conv_3_depthwise_pad')).toEqual([20, 20, 96]);
    expect(names.slice(-60)).toEqual(golden['no_top_128']?.layers.slice(-60).map(([layer]) => layer));
    expect(countParameters(graph)).toBe(939120);
  });

  it('runs each of its nine spelled-out hard sigmoids as one node', () => {
    const graph = mobileNetV3Small({ inputShape: [32, 32, 3] });
    const { nodes } = inferenceGraph(graph, initialWeights(graph), { batch: 1 });
    expect(nodes.filter((node) => node.opType === 'HardSigmoid')).toHaveLength(9);
    expect(nodes.some((node) => node.opType === 'Clip')).toBe(false);
  });

  it('refuses pictures below 32 pixels', () => {
    expect(() => mobileNetV3Small({ inputShape: [31, 64, 3] })).toThrow(
      'MobileNetV3Small: received input shape [31, 64, 3], expected [height, width, channels] of at least 32 pixels.',
    );
  });
});
