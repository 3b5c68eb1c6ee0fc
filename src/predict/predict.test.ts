import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createRandom } from '../core/random.js';
import { drawFaces } from '../data/draw/index.js';
import { withHead } from '../models/head.js';
import { mobileNetV3Small } from '../models/mobilenet-v3-small.js';
import { initialWeights } from '../models/model.js';
import { findRecord, preprocessingOf } from '../models/weights/records.js';
import { fromTensor, ndarray } from '../ops/reference/ndarray.js';
import { evaluateGraph } from '../ops/reference/evaluate.js';
import { inferenceGraph } from '../models/inference.js';
import { ortNode } from '../runtime/node/ort.js';
import { createClassifier, type Classifier } from './classifier.js';
import { scoreImages } from './scores.js';

const record = findRecord('mobileNetV3Small', 'torchvision');
const graph = withHead(mobileNetV3Small({ inputShape: [32, 32, 3], weights: record }), {
  classes: 2,
  kind: 'light',
});
const model = {
  graph,
  weights: initialWeights(graph, createRandom(1)),
  preprocessing: preprocessingOf(record.input, { inputSize: [32, 32], sourceSize: [32, 32], colour: 'grey' }),
};
const pictures = Float32Array.from({ length: 4 * 32 * 32 }, (_, i) => (i * 37) % 256);

describe('classifier', () => {
  let plain: Classifier;
  let flipped: Classifier;
  beforeAll(async () => {
    const shape = { batchSize: 4, pictureShape: [1, 32, 32] } as const;
    // Drawn weights answer next to nothing: without this every average of answers would be as good as any other.
    const quiet = await createClassifier(ortNode(), { ...model, ...shape });
    const largest = Math.max(...(await quiet.logits(pictures)).map(Math.abs));
    await quiet.close();
    const kernel = model.weights.get('logits/kernel') ?? new Float32Array();
    model.weights.set(
      'logits/kernel',
      kernel.map((value) => value / largest),
    );
    plain = await createClassifier(ortNode(), { ...model, ...shape });
    flipped = await createClassifier(ortNode(), { ...model, ...shape, average: 'flip' });
  });
  afterAll(async () => {
    await plain.close();
    await flipped.close();
  });

  it('equals the layer graph in float64 on normalized pictures', async () => {
    const { mean, std, scale } = model.preprocessing;
    const input = ndarray([1, 3, 32, 32], (i) => {
      const [channel, pixel] = [Math.floor(i / 1024), i % 1024];
      return ((pictures[pixel] ?? 0) * scale - (mean[channel] ?? 0)) / (std[channel] ?? 1);
    });
    const source = inferenceGraph(graph, model.weights, { batch: 1 });
    const values = evaluateGraph(source, { [source.inputs[0]?.name ?? '']: input });
    const expected = Array.from(values.get('logits')?.data ?? []);
    const actual = (await plain.logits(pictures)).slice(0, 2);
    // Float32 through 34 convolutions: 1e-4 of the largest logit.
    const size = Math.max(...expected.map(Math.abs));
    expected.forEach((value, i) => expect(Math.abs((actual[i] ?? NaN) - value)).toBeLessThan(1e-4 * size));
  });

  it('gives probabilities that sum to 1', async () => {
    const rows = await plain.probabilities(pictures);
    for (let row = 0; row < 4; row++)
      expect((rows[2 * row] ?? 0) + (rows[2 * row + 1] ?? 0)).toBeCloseTo(1, 5);
  });

  it('divides logits by the temperature of the record, for probabilities alone', async () => {
    const calibrated = await createClassifier(ortNode(), {
      ...model,
      ...{ batchSize: 4, pictureShape: [1, 32, 32], calibration: { temperature: 0.05 } },
    });
    const [logits, rows] = [await calibrated.logits(pictures), await calibrated.probabilities(pictures)];
    await calibrated.close();
    expect(logits).toEqual(await plain.logits(pictures));
    const odds = Math.log((rows[0] ?? NaN) / (rows[1] ?? NaN));
    expect(odds).toBeCloseTo(((logits[0] ?? NaN) - (logits[1] ?? NaN)) / 0.05, 3);
    expect(Math.abs(odds)).toBeGreaterThan(0.01);
  });

  it('averages the logits of five windows, enlarged to the input', async () => {
    const crops = await createClassifier(ortNode(), {
      ...model,
      ...{ batchSize: 4, pictureShape: [1, 32, 32], average: 'five-crop' },
    });
    const window = await createClassifier(ortNode(), {
      ...model,
      ...{ batchSize: 4, pictureShape: [1, 29, 29] },
    });
    const sums = new Float64Array(8);
    for (const [top, left] of [
      [0, 0],
      [0, 3],
      [3, 0],
      [3, 3],
      [1, 1],
    ] as const) {
      const cut = Float32Array.from({ length: 4 * 29 * 29 }, (_, i) => {
        const [n, y, x] = [Math.floor(i / 841), Math.floor(i / 29) % 29, i % 29];
        return pictures[n * 1024 + (y + top) * 32 + x + left] ?? NaN;
      });
      (await window.logits(cut)).forEach((value, i) => (sums[i] = (sums[i] ?? 0) + value / 5));
    }
    (await crops.logits(pictures)).forEach((value, i) => expect(value).toBeCloseTo(sums[i] ?? NaN, 4));
    await crops.close();
    await window.close();
  });

  it('averages the logits of a picture and its mirror image', async () => {
    const mirrored = pictures.slice();
    for (let start = 0; start < mirrored.length; start += 32) mirrored.subarray(start, start + 32).reverse();
    const [one, other] = [await plain.logits(pictures), await plain.logits(mirrored)];
    const mean = await flipped.logits(pictures);
    mean.forEach((value, i) => expect(value).toBeCloseTo(((one[i] ?? 0) + (other[i] ?? 0)) / 2, 4));
  });
});

describe('scoreImages', () => {
  it('scores the asked images in order, the last batch padded', async () => {
    const images = drawFaces({ classes: ['happy', 'surprise'], perClass: 5, seed: 1 });
    const sized = { ...model, preprocessing: { ...model.preprocessing, sourceSize: [48, 48] as const } };
    const all = await scoreImages(ortNode(), { ...sized, batchSize: 4 }, images, [...images.labels.keys()]);
    const some = await scoreImages(ortNode(), { ...sized, batchSize: 4 }, images, [9, 2]);
    expect(Array.from(some.labels)).toEqual([images.labels[9], images.labels[2]]);
    expect(some.probabilities[0]).toBeCloseTo(all.probabilities[18] ?? NaN, 5);
    expect(some.probabilities[2]).toBeCloseTo(all.probabilities[4] ?? NaN, 5);
    expect(
      fromTensor({ dtype: 'float32', shape: [20], data: all.probabilities }).data.every(Number.isFinite),
    ).toBe(true);
  });
});
