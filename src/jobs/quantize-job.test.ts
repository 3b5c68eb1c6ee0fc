import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { float32 } from '../core/tensor.js';
import { drawFaces } from '../data/draw/index.js';
import { writeDrawnFaces } from '../data/draw/write.js';
import { saveKeras } from '../export/keras/archive.js';
import { drawnModel, recordOf } from '../export/testing/models.js';
import { activation, relu } from '../layers/activation.js';
import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { globalAveragePooling2d } from '../layers/pooling.js';
import { NetBuilder } from '../models/net-builder.js';
import type { QuantizationReport } from '../evaluate/quantization.js';
import { litertNode } from '../runtime/node/litert.js';
import { ortNode } from '../runtime/node/ort.js';
import type { Runtime } from '../runtime/session.js';
import { latenciesOf } from './quantize-accuracy.js';
import { choosePictures } from './quantize-data.js';
import { quantizeJob } from './quantize-job.js';

const root = mkdtempSync(join(tmpdir(), 'mien-quantize-'));
const data = join(root, 'faces');
const model = join(root, 'model.keras');
const engines = { runtime: ortNode(), litert: litertNode };
const CLASSES = ['happy', 'surprise'];

function tinyModel() {
  const net = new NetBuilder();
  const stem = conv2d({ filters: 4, kernelSize: 3, strides: 2 });
  const x = net.add(activation('hard_silu'), net.add(stem, net.input([24, 24, 3]), 'stem'));
  const y = net.add(relu(), net.add(conv2d({ filters: 6, kernelSize: 3 }), x, 'second'));
  const graph = net.build('tiny', [
    net.add(dense({ units: 2 }), net.add(globalAveragePooling2d(), y), 'logits'),
  ]);
  return { ...drawnModel(graph, recordOf(24)), classes: CLASSES };
}

beforeAll(async () => {
  await writeDrawnFaces({ out: data, classes: CLASSES, train: 120, test: 40, seed: 1 });
  await saveKeras(model, tinyModel(), { compiled: false });
}, 120_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('quantizeJob', () => {
  it('writes both files, a report, a table and a picture', async () => {
    const out = join(root, 'out');
    const { files, report } = await quantizeJob({ model, data, out, images: 64 }, engines);
    expect(files.map(({ path }) => path.slice(out.length + 1))).toEqual([
      'model_int8.tflite',
      'model_int8.onnx',
      'quantization_report.json',
      'quantization_report.md',
      'quantization_report.png',
    ]);
    const saved = JSON.parse(
      readFileSync(join(out, 'quantization_report.json'), 'utf8'),
    ) as QuantizationReport;
    expect(saved).toEqual(report);
    expect(saved.layers.map(({ name }) => name)).toContain('second');
    for (const { accuracy, runtime } of saved.files) {
      expect(runtime).toMatch(/LiteRT|onnxruntime/);
      expect(accuracy!.same).toBeGreaterThan(0.9);
      expect(accuracy!.interval[0]).toBeLessThanOrEqual(accuracy!.difference);
      const counted = accuracy!.confusion.flat().reduce((sum, count) => sum + count, 0);
      expect(counted).toBe(saved.measured.images);
    }
    expect(readFileSync(join(out, 'quantization_report.md'), 'utf8')).toContain('| second | conv |');
  });

  it('keeps layers in float32 on request, and knows their names', async () => {
    const out = join(root, 'kept');
    const { report } = await quantizeJob({ model, data, out, images: 64, keep: ['second'] }, engines);
    const kept = report!.layers.filter((layer) => layer.kept !== null);
    expect(kept.map(({ name, kept: reason }) => [name, reason])).toEqual([['second', 'asked for']]);
    for (const { accuracy } of report!.files) expect(accuracy!.same).toBeGreaterThan(0.9);
    const strange = quantizeJob({ model, data, out, images: 64, keep: ['third'] }, engines);
    await expect(strange).rejects.toThrow(
      '--keep: received "third", expected layers of "tiny" in eight bits; take names from quantization_report.md.',
    );
  });

  it.each([{ outputType: 'int8' }, { inputType: 'int8' }] as const)(
    'leaves a file that LiteRT for the web refuses unmeasured: %j',
    async (types) => {
      const out = join(root, 'integers');
      const { report } = await quantizeJob({ model, data, out, images: 64, ...types }, engines);
      const [tflite, onnx] = report!.files;
      expect([tflite!.runtime, tflite!.accuracy]).toEqual([null, null]);
      expect(onnx!.accuracy!.same).toBeGreaterThan(0.9);
      expect(report!.notes.join()).toContain('takes or gives integers and was not run');
    },
  );

  it('refuses too few pictures, and more than there are', async () => {
    const out = join(root, 'refused');
    await expect(quantizeJob({ model, data, out, images: 10 }, engines)).rejects.toThrow(
      'calibration: received --images 10, expected at least 64.',
    );
    await expect(quantizeJob({ model, data, out, images: 5000 }, engines)).rejects.toThrow(
      /^calibration: received [\d,]+ training pictures in ".*", expected at least 5,000; lower --images or add pictures\.$/,
    );
    expect(existsSync(out)).toBe(false);
  });

  it('refuses a model without a record, and data without its classes', async () => {
    const bare = join(root, 'bare.keras');
    await saveKeras(bare, { ...tinyModel(), preprocessing: undefined }, { compiled: false });
    const out = join(root, 'refused');
    await expect(quantizeJob({ model: bare, data, out }, engines)).rejects.toThrow(
      'model: received no preprocessing record, expected one, so that pictures reach the model as it was trained; give one with --preprocessing FILE|NAME.',
    );
    const other = join(root, 'other.keras');
    await saveKeras(other, { ...tinyModel(), classes: ['happy', 'bored'] }, { compiled: false });
    await expect(quantizeJob({ model: other, data, out }, engines)).rejects.toThrow(/bored/);
  });
});

describe('calibration', () => {
  it('refuses training pictures that are the test pictures', async () => {
    const copied = join(root, 'copied');
    cpSync(join(data, 'test'), join(copied, 'train'), { recursive: true });
    cpSync(join(data, 'test'), join(copied, 'test'), { recursive: true });
    const out = join(root, 'refused');
    await expect(quantizeJob({ model, data: copied, out, images: 64 }, engines)).rejects.toThrow(
      /^calibration: received 40 of 40 training pictures of ".*" that are also test pictures, expected pictures of which the test knows nothing\.$/,
    );
  });
});

describe('latenciesOf', () => {
  it('closes its sessions when one cannot be opened', async () => {
    const closed: string[] = [];
    const sound: Runtime = {
      name: 'sound',
      createSession: () =>
        Promise.resolve({
          run: () => Promise.resolve({}),
          close: () => {
            closed.push('sound');
            return Promise.resolve();
          },
        }),
    };
    const broken: Runtime = { name: 'broken', createSession: () => Promise.reject(new Error('no memory')) };
    const files = [sound, broken].map((runtime) => ({
      ...{ runtime, bytes: new Uint8Array(0), input: 'x', format: 'onnx' as const },
    }));
    const x = float32(new Float32Array(3 * 4), [1, 3, 2, 2]);
    const source = { count: 1, batchSize: 1, batch: () => Promise.resolve(x) };
    await expect(latenciesOf(files, source)).rejects.toThrow('no memory');
    expect(closed).toEqual(['sound']);
  });
});

describe('choosePictures', () => {
  it('keeps the shares of the classes, the same for a seed, and holds others out', () => {
    const images = drawFaces({ classes: CLASSES, perClass: 3, seed: 1 });
    const labels = Int32Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? 1 : 0));
    const all = [...labels.keys()];
    const chosen = choosePictures({ ...images, labels }, all, { images: 200, seed: 7 });
    expect(chosen.calibration.filter((image) => labels[image] === 1)).toHaveLength(20);
    expect(chosen.calibration).toHaveLength(200);
    expect(chosen.held.filter((image) => chosen.calibration.includes(image))).toEqual([]);
    expect(choosePictures({ ...images, labels }, all, { images: 200, seed: 7 })).toEqual(chosen);
    expect(choosePictures({ ...images, labels }, all, { images: 200, seed: 8 })).not.toEqual(chosen);
  });
});
