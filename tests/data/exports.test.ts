/**
 * Exports of the shipped five-class model over the whole real test folder: the same class as the layer graph for every
 * picture in float32, for 99.8 % in float16. The untrained nets answer on the same pictures with drawn weights.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { imageAt, imageCount, type Picture } from '../../src/data/images.js';
import { fer2013Classes } from '../../src/data/csv.js';
import { loadImages } from '../../src/data/load.js';
import { drawnModel, recordOf } from '../../src/export/testing/models.js';
import { preprocessed } from '../../src/export/testing/reference.js';
import { settled } from '../../src/export/testing/settle.js';
import { agreementOf } from '../../src/jobs/agreement.js';
import { artefactAnswers } from '../../src/jobs/artefact-answers.js';
import { ARTEFACTS } from '../../src/jobs/export-formats.js';
import { layerAnswers, planesOf, type LayerAnswers } from '../../src/jobs/layer-answers.js';
import { loadShipped } from '../../src/jobs/shipped.js';
import { withHead } from '../../src/models/head.js';
import type { Model } from '../../src/models/model.js';
import { buildNet } from '../../src/models/nets.js';
import { litertNode } from '../../src/runtime/node/litert.js';
import { ortNode } from '../../src/runtime/node/ort.js';

const FER2013 = process.env['MIEN_FER2013'] ?? '';
const onnx = ortNode();
const rows: Record<string, string | number>[] = [];
let pictures: readonly Picture[];

beforeAll(async () => {
  const { images } = await loadImages({
    data: FER2013,
    split: 'test',
    classes: fer2013Classes,
    sourceSize: [48, 48],
    colour: 'grey',
  });
  pictures = Array.from({ length: imageCount(images) }, (_, i) => imageAt(images, i));
});
afterAll(() => console.table(rows));

/** Agreement of one file with the layers, printed. */
async function agreement(
  name: string,
  model: Model,
  reference: LayerAnswers,
  chosen: { format: 'onnx' | 'tflite'; precision: 'float32' | 'float16'; pictures: readonly Picture[] },
) {
  const { format, precision } = chosen;
  const artefact = ARTEFACTS[format][precision]!;
  const settings = format === 'tflite' ? { batch: 8 } : {};
  const bytes = await artefact.write(model, settings);
  const inputs = { pictures: chosen.pictures, reference, channels: 3 as const };
  const about = { ...artefact.interfaceOf(model, settings), engine: artefact.engine };
  const found = await artefactAnswers(format === 'onnx' ? onnx : litertNode(), bytes, inputs, about);
  const result = agreementOf(found, reference.outputs, reference.classes);
  const { images, sameClass, maxDifference } = result;
  rows.push({
    model: name,
    format,
    precision,
    images,
    same: sameClass,
    'logits differ by': maxDifference.toExponential(1),
  });
  return result;
}

const CELLS = (['onnx', 'tflite'] as const).flatMap((format) =>
  (['float32', 'float16'] as const).map((precision) => [format, precision] as const),
);

describe('the shipped model on every test picture', () => {
  let model: Model;
  let reference: LayerAnswers;
  beforeAll(async () => {
    model = await loadShipped('mien');
    reference = await layerAnswers(onnx, model, pictures);
  });

  it.each(CELLS)('%s %s', async (format, precision) => {
    const { images, sameClass, maxDifference } = await agreement('mien', model, reference, {
      format,
      precision,
      pictures,
    });
    expect(images).toBeGreaterThan(3500);
    if (precision === 'float16') expect(sameClass / images).toBeGreaterThanOrEqual(0.998);
    else expect([sameClass, maxDifference <= 1e-4]).toEqual([images, true]);
  });
});

describe.each(['densenet121', 'nasnetMobile'] as const)('%s with drawn weights', (name) => {
  it.each(CELLS)('%s %s', async (format, precision) => {
    const { model, reference } = await untrained(name);
    const some = pictures.slice(0, 64);
    const { relativeDifference, sameClass } = await agreement(name, model, reference, {
      format,
      precision,
      pictures: some,
    });
    // Weights of 11 bits move logits of untrained nets by a few per cent.
    expect(relativeDifference).toBeLessThan(precision === 'float32' ? 1e-3 : 0.1);
    expect(sameClass).toBeGreaterThanOrEqual(precision === 'float32' ? 64 : 60);
  });
});

const made = new Map<string, Promise<{ readonly model: Model; readonly reference: LayerAnswers }>>();

function untrained(name: string) {
  const known = made.get(name) ?? make(name);
  made.set(name, known);
  return known;
}

async function make(name: string) {
  const backbone = buildNet(name, { inputShape: [96, 96, 3] });
  const record = recordOf(96, { sourceSize: [48, 48] });
  const drawn = drawnModel(withHead(backbone, { classes: 5, kind: 'light' }), record);
  const few = { dtype: 'float32', shape: [16, 48, 48, 1], data: planesOf(pictures, 0, 16) } as const;
  const model = await settled(drawn, await preprocessed(drawn, few));
  return { model, reference: await layerAnswers(onnx, model, pictures.slice(0, 64)) };
}
