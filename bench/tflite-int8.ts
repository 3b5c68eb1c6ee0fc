import { closeSync, openSync, writeSync } from 'node:fs';

import { answersOf, fileAccuracy, pictures as picturesOf } from '../src/jobs/quantize-accuracy.js';
import { CALIBRATION_IMAGES, loadQuantizeData, type QuantizeData } from '../src/jobs/quantize-data.js';
import { quantizeOn } from '../src/jobs/quantize-for.js';
import { openNormalizer } from '../src/jobs/quantize-pictures.js';
import { modelPreprocessing } from '../src/jobs/model-source.js';
import { writeQuantizedTflite } from '../src/export/quantize/write-quantized.js';
import { writeOnnx } from '../src/export/onnx/write-onnx.js';
import type { FileAccuracy } from '../src/evaluate/quantization.js';
import type { Model } from '../src/models/model.js';
import { litertNode } from '../src/runtime/node/litert.js';
import { ortNode } from '../src/runtime/node/ort.js';
import { progress } from './options.js';

const BATCH = 32;

/** Training pictures for both converters' ranges, and every test picture for the files. */
export interface Int8Data {
  readonly model: Model;
  readonly data: QuantizeData;
}

/** Reads the pictures that `mien quantize` takes by default. */
export async function int8Data(model: Model, data: string): Promise<Int8Data> {
  const options = { data, images: CALIBRATION_IMAGES, seed: 1, remedy: 'add pictures' };
  return { model, data: await loadQuantizeData(model, options, {}) };
}

/** Mien's int8 file. */
export async function mienInt8({ model, data }: Int8Data): Promise<Uint8Array> {
  progress('quantizing by Mien');
  const { quantized } = await quantizeOn(model, data, {}, { runtime: ortNode(), hooks: {} });
  return writeQuantizedTflite(model, quantized);
}

/** Writes the calibration pictures, normalized, [N, H, W, C], for the other converter. */
export async function writeCalibration({ model, data }: Int8Data, path: string): Promise<void> {
  const { train, calibration } = data;
  const normalizer = await openNormalizer(ortNode(), modelPreprocessing(model), train, BATCH);
  const file = openSync(path, 'w');
  try {
    const source = normalizer.source(calibration);
    for (let index = 0; index < source.count; index++) {
      const count = Math.min(BATCH, calibration.length - index * BATCH);
      for (const { data: picture } of picturesOf(await source.batch(index)).slice(0, count))
        writeSync(file, new Uint8Array(picture.buffer, picture.byteOffset, picture.byteLength));
    }
  } finally {
    closeSync(file);
    await normalizer.close();
  }
}

/** Accuracy of files in LiteRT on every test picture, against the float layers and the truth. */
export async function accuracies(
  { model, data }: Int8Data,
  files: readonly { readonly name: string; readonly bytes: Uint8Array; readonly input: string }[],
): Promise<(FileAccuracy & { readonly images: number })[]> {
  const images = data.test ?? data.train;
  const indices = data.test === undefined ? data.held : [...data.test.labels.keys()];
  const labels = indices.map((image) => images.labels[image] ?? 0);
  const normalizer = await openNormalizer(ortNode(), modelPreprocessing(model), images, BATCH);
  try {
    const source = normalizer.source(indices);
    const input = model.graph.inputs[0] ?? '';
    const layers = { bytes: writeOnnx(model), runtime: ortNode(), input, format: 'onnx' } as const;
    const float = await answersOf(layers, source, labels.length, () => undefined);
    const found: (FileAccuracy & { readonly images: number })[] = [];
    for (const file of files) {
      progress(`${file.name} on ${labels.length} test pictures`);
      const measured = { ...file, runtime: litertNode(), format: 'tflite' } as const;
      const answers = await answersOf(measured, source, labels.length, () => undefined);
      found.push({
        ...fileAccuracy(answers, float, labels, model.classes?.length ?? 1),
        images: labels.length,
      });
    }
    return found;
  } finally {
    await normalizer.close();
  }
}
