/** Real ImageNet weights in the nets they belong to. MIEN_WEIGHTS names their folder. */
import { existsSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { countParameters } from '../../src/models/model.js';
import { buildNet } from '../../src/models/nets.js';
import { loadWeights } from '../../src/models/weights/load.js';
import { findRecord } from '../../src/models/weights/records.js';
import { runModel } from '../interop/run-model.js';

function weightsFolder(): string {
  const folder = process.env['MIEN_WEIGHTS'] ?? '';
  if (existsSync(folder)) return folder;
  throw new Error(
    `Set MIEN_WEIGHTS to the folder that holds ${findRecord('mobileNetV3Small', 'torchvision').fileName}.`,
  );
}

interface Golden {
  readonly shape: readonly [number, number, number];
  readonly largest: number;
  /** Of each channel over all pixels. */
  readonly means: readonly number[];
}

const golden = JSON.parse(
  readFileSync(new URL('../golden/torchvision_mobilenet_v3_small.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, Golden>>;

/** sin(0.13 i + 0.07 j + c) as [1, size, size, 3]. */
function wave(size: number): Float32Array {
  return Float32Array.from({ length: size * size * 3 }, (_, at) => {
    const [i, j, c] = [Math.floor(at / (3 * size)), Math.floor(at / 3) % size, at % 3];
    return Math.sin(0.13 * i + 0.07 * j + c);
  });
}

async function features(net: 'mobileNetV3Small' | 'densenet121', record: string, size: number) {
  const weights = findRecord(net, record);
  const graph = buildNet(net, { inputShape: [size, size, 3], weights });
  const loaded = await loadWeights(graph, weights, { folder: weightsFolder() });
  return { graph, y: await runModel(graph, loaded, wave(size), [1, size, size, 3]) };
}

describe("torchvision's MobileNetV3-Small", () => {
  it.each([128, 224])('computes what torchvision computes at %i pixels', async (size) => {
    const { shape, largest, means } = golden[String(size)]!;
    const { graph, y } = await features('mobileNetV3Small', 'torchvision', size);
    const [channels, height, width] = shape;
    expect(graph.shapeOf(graph.outputs[0]!)).toEqual([height, width, channels]);
    const found = means.map((_, c) => {
      const own = y.filter((_value, at) => at % channels === c);
      return own.reduce((sum, value) => sum + value, 0) / own.length;
    });
    const worst = Math.max(...found.map((mean, c) => Math.abs(mean - means[c]!)));
    console.log(`${size} px: worst difference of a channel's mean ${(worst / largest).toExponential(1)}`);
    expect(worst / largest).toBeLessThan(1e-4);
    expect(Math.abs(Math.max(...y.map(Math.abs)) / largest - 1)).toBeLessThan(1e-4);
  });
});

describe("Keras's DenseNet121", () => {
  it('loads from half precision, all 7,037,504 parameters, and gives finite features', async () => {
    const { graph, y } = await features('densenet121', 'keras-float16', 64);
    expect(countParameters(graph)).toBe(7_037_504);
    expect(y.every(Number.isFinite)).toBe(true);
    expect(y.some((value) => value > 0)).toBe(true);
  });
});
