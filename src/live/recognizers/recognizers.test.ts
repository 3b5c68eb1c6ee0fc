import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createRandom } from '../../core/random.js';
import { drawFaces } from '../../data/draw/draw.js';
import { imageAt, type Picture } from '../../data/images.js';
import { isSoftmax, scaleOf } from '../../export/tflite/read/ends.js';
import { parseTflite } from '../../export/tflite/read/parse-tflite.js';
import { tfliteRecord } from '../../export/tflite/read/read-tflite.js';
import { writeTflite } from '../../export/tflite/write-tflite.js';
import { withHead } from '../../models/head.js';
import { mobileNetV3Small } from '../../models/mobilenet-v3-small.js';
import { initialWeights } from '../../models/model.js';
import { findRecord, preprocessingOf } from '../../models/weights/records.js';
import { hailo } from '../../runtime/hailo/hailo.js';
import { stubFolder, stubHef, withoutCompiler } from '../../runtime/hailo/testing/stub.js';
import { litertNode } from '../../runtime/node/litert.js';
import { ortNode } from '../../runtime/node/ort.js';
import { hailoRecognizer } from './hailo.js';
import { onnxRecognizer } from './onnx.js';
import type { ReadyModel } from './ready-model.js';
import type { Recognizer } from './recognizer.js';
import { tfliteFileRecognizer, tfliteModelRecognizer } from './tflite.js';

const record = findRecord('mobileNetV3Small', 'torchvision');
const graph = withHead(mobileNetV3Small({ inputShape: [64, 64, 3], weights: record }), {
  classes: 3,
  kind: 'light',
});
const size = { inputSize: [64, 64], sourceSize: [48, 48], colour: 'grey' } as const;
const model: ReadyModel = {
  graph,
  weights: initialWeights(graph, createRandom(3)),
  preprocessing: preprocessingOf(record.input, size),
  classes: ['a', 'b', 'c'],
  origin: {},
};
const images = drawFaces({ classes: ['happy', 'angry'], perClass: 1, seed: 5 });
const faces = [imageAt(images, 0), imageAt(images, 1)];
const where = 'm.tflite';

async function answers(recognizer: Recognizer, pictures: readonly Picture[] = faces): Promise<number[]> {
  const rows: Float32Array[] = [];
  for (const face of pictures) rows.push((await recognizer.recognize(face)).slice());
  await recognizer.close();
  return rows.flatMap((row) => Array.from(row));
}

describe('recognizers', () => {
  let expected: number[] = [];
  beforeAll(async () => {
    expected = await answers(await onnxRecognizer(ortNode(), model));
  });
  const check = (actual: readonly number[]) => {
    expect(actual).toHaveLength(6);
    actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 3));
  };

  it('by ONNX Runtime give probabilities', () => {
    expect(expected.slice(0, 3).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  });

  it('by LiteRT agree, of a model and of files in each form', async () => {
    const runtime = litertNode();
    check(await answers(await tfliteModelRecognizer(runtime, model)));
    for (const options of [
      {},
      { softmax: true },
      { input: 'image' },
      { input: 'image', pictures: 'input' },
    ] as const) {
      check(await answers(await tfliteFileRecognizer(runtime, writeTflite(model, options), { where })));
    }
  });

  it('by LiteRT: a file without a record needs one', async () => {
    const { preprocessing, classes } = model;
    const bytes = writeTflite({ ...model, preprocessing: undefined, classes: undefined });
    await expect(tfliteFileRecognizer(litertNode(), bytes, { where })).rejects.toThrow(
      'm.tflite: received no preprocessing record, expected a file that says how pictures reach it and what its ' +
        'outputs mean; give one with --preprocessing FILE.',
    );
    check(
      await answers(
        await tfliteFileRecognizer(litertNode(), bytes, { where, records: { preprocessing, classes } }),
      ),
    );
    await expect(
      tfliteFileRecognizer(litertNode(), bytes, { where, records: { preprocessing, classes: ['a'] } }),
    ).rejects.toThrow('received 3 outputs, expected 1, one per class (a).');
  });

  it('ends of a file: record, no quantization, softmax or not', () => {
    const endsOf = (bytes: Uint8Array) => {
      const file = parseTflite(bytes, where);
      const scales = [...file.inputs, ...file.outputs].map(({ tensor }) =>
        scaleOf(file.tensors[tensor]?.quantization),
      );
      const softmax = isSoftmax(file, file.outputs[0]?.tensor ?? -1);
      return { classes: tfliteRecord(file, where).classes, scales, softmax };
    };
    const scales = [undefined, undefined];
    const classes = ['a', 'b', 'c'];
    expect(endsOf(writeTflite(model, { softmax: true }))).toEqual({ classes, scales, softmax: true });
    expect(endsOf(writeTflite(model))).toEqual({ classes, scales, softmax: false });
  });

  it.each([
    ['no TensorFlow Lite', new Uint8Array(40).fill(255)],
    ['three bytes', new Uint8Array(3)],
    ['the beginning', writeTflite(model).subarray(0, 200)],
  ])('by LiteRT: a damaged file is refused before the engine sees it: %s', async (_, bytes) => {
    await expect(tfliteFileRecognizer(litertNode(), bytes, { where })).rejects.toThrow(
      /^m\.tflite: received .+, expected a sound TensorFlow Lite model\.$/,
    );
  });
});

describe.skipIf(withoutCompiler)('a recognizer on HailoRT, by a stub', () => {
  const stubs = stubFolder();
  afterAll(() => stubs.remove());
  const face = { height: 4, width: 2, channels: 1, pixels: new Uint8Array(8).fill(51) } as const;
  const small = preprocessingOf(record.input, { inputSize: [4, 2], sourceSize: [4, 2], colour: 'grey' });
  const sidecar = { preprocessing: small, classes: ['a', 'b', 'c'] };
  const softmaxOf = (mean: number) => {
    const powers = [1, 2, 3].map((k) => Math.exp(k * mean));
    return powers.map((power) => power / powers.reduce((a, b) => a + b));
  };

  it('feeds pixels where the chip normalizes, and normalized numbers otherwise', async () => {
    const runtime = await hailo({ library: stubs.build() });
    const pixels = await answers(await hailoRecognizer(runtime, stubHef('pixels'), sidecar), [face]);
    softmaxOf(51).forEach((value, i) => expect(pixels[i]).toBeCloseTo(value, 5));
    const real = await answers(await hailoRecognizer(runtime, stubHef('real'), sidecar), [face]);
    const { scale, mean, std } = small;
    const values = mean.map((m, c) => (51 * scale - m) / (std[c] ?? 1));
    const average = values.reduce((a, b) => a + b) / 3;
    softmaxOf(average).forEach((value, i) => expect(real[i]).toBeCloseTo(value, 5));
  });
});
