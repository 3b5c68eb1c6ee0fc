import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { drawFaces } from '../../data/draw/draw.js';
import { imageAt, type Picture } from '../../data/images.js';
import { isSoftmax, scaleOf } from '../../export/tflite/read/ends.js';
import { parseTflite } from '../../export/tflite/read/parse-tflite.js';
import { tfliteRecord } from '../../export/tflite/read/read-tflite.js';
import { writeTflite } from '../../export/tflite/write-tflite.js';
import { loadShipped } from '../../jobs/shipped.js';
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
/** The shipped one: random weights answer every picture alike, so that nothing could differ. */
const { preprocessing = fail(), classes = fail(), ...shipped } = await loadShipped('mien');
const model: ReadyModel = { ...shipped, preprocessing, classes };
const images = drawFaces({ classes: ['happy', 'angry'], perClass: 1, seed: 5 });
const faces = [imageAt(images, 0), imageAt(images, 1)];
const where = 'm.tflite';

function fail(): never {
  throw new Error('the shipped model has no record');
}

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
  const check = (actual: readonly number[], tolerance = 1e-4) => {
    expect(actual).toHaveLength(10);
    actual.forEach((value, i) => expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(tolerance));
  };

  it('by ONNX Runtime give probabilities', () => {
    expect(expected.slice(0, 5).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  });

  it('by LiteRT agree, of a model and of files in each form', async () => {
    const runtime = litertNode();
    check(await answers(await tfliteModelRecognizer(runtime, model)));
    for (const options of [{}, { softmax: true }, { input: 'image' }] as const) {
      check(await answers(await tfliteFileRecognizer(runtime, writeTflite(model, options), { where })));
    }
    // Enlarged pictures become whole pixels here, clipped beside the sharp edges of drawn faces.
    const whole = writeTflite(model, { input: 'image', pictures: 'input' });
    check(await answers(await tfliteFileRecognizer(runtime, whole, { where })), 0.02);
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
    ).rejects.toThrow('received 5 outputs, expected 1, one per class (a).');
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
    const classes = ['angry', 'disgust', 'happy', 'neutral', 'surprise'];
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

it("by LiteRT: a file's logits are divided by its temperature", async () => {
  const face = {
    height: 48,
    width: 48,
    channels: 1,
    pixels: Uint8Array.from({ length: 48 * 48 }, (_, i) => i),
  } as const;
  const open = (temperature: number) =>
    tfliteFileRecognizer(litertNode(), writeTflite({ ...model, calibration: { temperature } }), { where });
  const plain = await answers(await open(1), [face]);
  const tempered = await answers(await open(2), [face]);
  // softmax(x / 2) is the square roots of softmax(x), made to sum to 1 again.
  const roots = Array.from(plain, Math.sqrt);
  const sum = roots.reduce((a, b) => a + b);
  roots.forEach((root, i) => expect(tempered[i]).toBeCloseTo(root / sum, 5));
  expect(tempered).not.toEqual(plain);
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
