import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { GraphError, InputError } from '../core/errors.js';
import { writeDrawnFaces } from '../data/draw/write.js';
import { saveKeras } from '../export/keras/archive.js';
import { writeOnnx } from '../export/onnx/write-onnx.js';
import { drawnInput, runOnnx } from '../export/testing/reference.js';
import { writeTflite } from '../export/tflite/write-tflite.js';
import { drawnModel, recordOf } from '../export/testing/models.js';
import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { globalAveragePooling2d } from '../layers/pooling.js';
import { NetBuilder } from '../models/net-builder.js';
import { litertNode } from '../runtime/node/litert.js';
import { ortNode } from '../runtime/node/ort.js';
import { ARTEFACTS, type ExportFormat, type ExportPrecision } from './export-formats.js';
import { exportJob, type ExportOptions, type ExportReport } from './export-job.js';
import { formatExport } from './export-text.js';
import { onnxModel, tfliteModel } from './file-model.js';

const folder = mkdtempSync(join(tmpdir(), 'mien-export-'));
const environment = { runtime: ortNode(), litert: litertNode };
const model = join(folder, 'small.keras');
const bare = join(folder, 'bare.keras');

function small(channels = 3, record = recordOf(16, { sourceSize: [12, 12] })) {
  const net = new NetBuilder();
  const conv = net.add(
    conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
    net.input([16, 16, channels]),
    'conv',
  );
  const pooled = net.add(globalAveragePooling2d(), conv, 'pool');
  const graph = net.build('small', [net.add(dense({ units: 5 }), pooled, 'logits')]);
  return drawnModel(graph, record);
}

/** The same net, which ends in a softmax. */
function ending() {
  const net = new NetBuilder();
  const conv = net.add(
    conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
    net.input([16, 16, 3]),
    'conv',
  );
  const pooled = net.add(globalAveragePooling2d(), conv, 'pool');
  const last = net.add(dense({ units: 5, activation: 'softmax' }), pooled, 'probabilities');
  return drawnModel(net.build('ending', [last]), recordOf(16, { sourceSize: [12, 12] }));
}

beforeAll(async () => {
  await saveKeras(model, small());
  await saveKeras(bare, { ...small(), preprocessing: undefined });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const exported = (name: string, options: Partial<ExportOptions> = {}) =>
  exportJob({ model, formats: ['onnx'], out: join(folder, name), ...options }, environment);
const reportIn = (name: string) =>
  JSON.parse(readFileSync(join(folder, name, 'export_report.json'), 'utf8')) as ExportReport;

describe('exportJob', () => {
  it('writes every format in every precision that it has, each run in its own engine', async () => {
    const formats: ExportFormat[] = ['onnx', 'tflite', 'keras', 'hub'];
    const result = await exported('all', { formats, precisions: ['float32', 'float16'] });
    expect(result.files.map(({ path }) => path.slice(join(folder, 'all/').length))).toEqual([
      'model_float32.onnx',
      'model_float16.onnx',
      'model_float32.tflite',
      'model_float16.tflite',
      'best_model_float32.keras',
      'hub/onnx/model.onnx',
      'hub/onnx/model_fp16.onnx',
      'hub/config.json',
      'hub/preprocessor_config.json',
      'hub/README.md',
    ]);
    const report = reportIn('all');
    expect(report).toEqual(result.report);
    expect(report).toMatchObject({ version: 1, passed: true, checkedOn: '63 pictures, drawn faces' });
    const engines = new Set(report.artefacts.map(({ runtime }) => runtime.replace(/[\d.]+/g, '')));
    expect(engines).toEqual(
      new Set(['onnxruntime-node ', 'LiteRT  (wasm)', 'Mien, read back, onnxruntime-node ']),
    );
    for (const { precision, sameClass, images, maxDifference } of report.artefacts) {
      expect(sameClass).toBe(images);
      expect(maxDifference).toBeLessThan(precision === 'float32' ? 1e-5 : 1e-2);
    }
    expect(formatExport(result)).toContain('63 of 63');
  });

  it.each([
    { input: 'image', softmax: true },
    { input: 'image', batch: 5 },
    { batch: 'dynamic', opset: 17 },
    { batch: 16, softmax: true },
  ] as const)('proves %j', async (settings) => {
    const formats: ExportFormat[] = ['onnx', 'tflite'];
    const { report } = await exported('options', {
      formats,
      precisions: ['float32', 'float16'],
      ...settings,
    });
    expect(report.artefacts.map(({ passed }) => passed)).toEqual([true, true, true, true]);
  });

  it('divides logits by the temperature of a calibrated model before the softmax', async () => {
    const calibrated = join(folder, 'calibrated.keras');
    await saveKeras(calibrated, { ...small(), calibration: { temperature: 3 } });
    const formats: ExportFormat[] = ['onnx', 'tflite'];
    const { report } = await exported('calibrated', { model: calibrated, formats, softmax: true });
    expect(report.artefacts.map(({ passed }) => passed)).toEqual([true, true]);
  });

  it('converts an archive without a preprocessing record, checked on drawn numbers', async () => {
    const { report } = await exported('bare', { model: bare, formats: ['keras'] });
    expect(report).toMatchObject({ checkedOn: 'drawn numbers', passed: true });
  });

  it.each(['onnx', 'tflite'] as const)(
    'keeps only the report when a damaged %s file fails its check',
    async (format) => {
      const name = `damaged-${format}`;
      const sound = ARTEFACTS[format].float32!;
      const damaged: typeof ARTEFACTS = {
        ...ARTEFACTS,
        [format]: {
          float32: {
            ...sound,
            write: (given: ReturnType<typeof small>, settings: object) => {
              const weights = new Map(given.weights);
              weights.set(
                'conv/kernel',
                weights.get('conv/kernel')!.map((value, i) => (i === 7 ? value + 1 : value)),
              );
              return sound.write({ ...given, weights }, settings);
            },
          },
        },
      };
      const options = { model, formats: ['keras', format] as const, out: join(folder, name) };
      const failed = exportJob(options, { ...environment, artefacts: damaged });
      await expect(failed).rejects.toThrow(GraphError);
      await expect(failed).rejects.toThrow(
        /^export check: received [\w/]+\.\w+, of which answers differ by up to [\d.]+, [\d.]+ of the largest \(limit 0\.001\), expected the answers of the layer graph; no file was kept, .*export_report\.json has the figures\.$/,
      );
      expect(readdirSync(join(folder, name))).toEqual(['export_report.json']);
      const report = reportIn(name);
      expect(report.passed).toBe(false);
      expect(report.artefacts.map(({ passed }) => passed)).toEqual([true, false]);
    },
  );

  it('reports an engine that refuses a file', async () => {
    const broken = { ...ARTEFACTS.tflite.float32!, write: () => writeTflite(small()).subarray(0, 900) };
    const artefacts = { ...ARTEFACTS, tflite: { float32: broken } };
    const options = { model, formats: ['tflite'] as const, out: join(folder, 'refused') };
    await expect(exportJob(options, { ...environment, artefacts })).rejects.toThrow(
      'LiteRT: received a refusal',
    );
    expect(readdirSync(join(folder, 'refused'))).toEqual(['export_report.json']);
  });
});

describe('exportJob in eight bits', () => {
  const faces = join(folder, 'faces');
  const { classes } = small();
  beforeAll(
    () => writeDrawnFaces({ out: faces, train: 1100, test: 20, classes: [...classes!], seed: 2 }),
    120_000,
  );

  it('ends in probabilities, and says so, where the archive ends in a softmax', async () => {
    const archive = join(folder, 'ending.keras');
    await saveKeras(archive, ending());
    const formats: ExportFormat[] = ['onnx', 'tflite', 'hub'];
    const options = { model: archive, formats, precisions: ['int8'] as const, data: faces };
    const { report } = await exported('ending', options);
    expect(report.artefacts.map(({ passed }) => passed)).toEqual([true, true, true]);
    const bytes = (name: string) => readFileSync(join(folder, 'ending', name));
    const onnx = onnxModel(bytes('model_int8.onnx'), 'onnx');
    const tflite = tfliteModel(bytes('model_int8.tflite'), 'tflite', litertNode);
    expect([onnx.net.output.probabilities, tflite.net.output.probabilities]).toEqual([true, true]);
    // The library adds the softmax itself.
    const hub = onnxModel(bytes('hub/onnx/model_quantized.onnx'), 'hub');
    expect(hub.net.output.probabilities).toBe(false);
  }, 60_000);

  it('divides by the temperature of a calibrated model before the softmax', async () => {
    const calibrated = join(folder, 'calibrated.keras');
    await saveKeras(calibrated, { ...small(), calibration: { temperature: 0.05 } });
    const formats: ExportFormat[] = ['onnx', 'tflite'];
    const options = { model: calibrated, formats, precisions: ['int8'] as const, data: faces, softmax: true };
    const { report } = await exported('calibrated-int8', options);
    for (const { maxDifference } of report.artefacts) expect(maxDifference).toBeLessThan(0.1);
  }, 60_000);

  it('divides by the temperature where the archive ends in a softmax of its own', async () => {
    const calibrated = join(folder, 'ending-calibrated.keras');
    const temperature = 4;
    await saveKeras(calibrated, { ...ending(), calibration: { temperature } });
    const formats: ExportFormat[] = ['onnx', 'tflite', 'keras', 'hub'];
    const options = { model: calibrated, formats, precisions: ['float32', 'int8'] as const, data: faces };
    const { report } = await exported('ending-calibrated', options);
    expect(report.artefacts.map(({ passed }) => passed)).toEqual(Array(7).fill(true));
    const plain = writeOnnx(ending());
    const tempered = writeOnnx({ ...ending(), calibration: { temperature } });
    const x = drawnInput([1, 3, 16, 16]);
    const answers = async (bytes: Uint8Array) =>
      Array.from((await runOnnx(bytes, x, 'input_layer')).data as Float32Array, Math.log);
    const [before, after] = [await answers(plain), await answers(tempered)];
    const gap = (logs: number[]) => logs[0]! - logs[1]!;
    expect(gap(after)).toBeCloseTo(gap(before) / temperature, 4);
  }, 60_000);

  it('takes the ranges that a shipped model brings where no data is given, and says so', async () => {
    const options = { model: 'mien', formats: ['onnx', 'tflite'] as const, precisions: ['int8'] as const };
    const result = await exported('shipped', options);
    expect(result.report.ranges).toMatch(/^shipped with the model: 1,024 training pictures of FER2013/);
    expect(result.report.checkedOn).toBe('63 pictures, drawn faces');
    expect(formatExport(result)).toContain('Ranges of int8 files: shipped with the model: 1,024');
    expect(result.report.artefacts.map(({ passed }) => passed)).toEqual([true, true]);
  }, 60_000);

  it('refuses too few pictures, and what to do about it is something that one can do here', async () => {
    const few = join(folder, 'few');
    await writeDrawnFaces({ out: few, train: 20, test: 5, classes: [...classes!], seed: 2 });
    const refused = exported('few-int8', { precisions: ['int8'], data: few });
    await expect(refused).rejects.toThrow(
      /^calibration: received 20 training pictures in ".*", expected at least 1,024; add pictures\.$/,
    );
  });

  it('refuses to go without data, before anything is written', async () => {
    await expect(exported('no-data', { precisions: ['int8'] })).rejects.toThrow(
      '--precision int8: received no --data, expected a data root with training pictures, from which ranges are taken.',
    );
    expect(existsSync(join(folder, 'no-data'))).toBe(false);
  });
});

describe('exportJob refuses', () => {
  it.each<[string, Partial<ExportOptions>, string]>([
    [
      'a model without a record',
      { model: bare },
      'model: received no preprocessing record, expected one, so that pictures reach the model as it was trained; give one with --preprocessing FILE|NAME.',
    ],
    ['an unknown opset', { opset: 9 }, 'opset: received 9, expected an integer between 17 and 21.'],
    [
      'an unknown format',
      { formats: ['docx' as ExportFormat] },
      '--format: received "docx", expected one of onnx, tflite, keras, hub.',
    ],
    [
      'an unknown precision',
      { precisions: ['float8' as ExportPrecision] },
      '--precision: received "float8", expected one of float32, float16, int8.',
    ],
    [
      'a precision that the format lacks',
      { formats: ['keras'], precisions: ['float16'] },
      '--precision: received float16 for keras, expected float32.',
    ],
    ['missing data', { data: join(folder, 'nowhere') }, 'nowhere'],
  ])('%s', async (_, options, text) => {
    const refused = exported('refusals', options);
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(text);
    expect(existsSync(join(folder, 'refusals', 'model_float32.onnx'))).toBe(false);
  });

  it('a folder that cannot be written', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(exported('file/x')).rejects.toThrow(
      /^--out: received ".*", expected a folder that can be written\.$/,
    );
  });

  it('TensorFlow Lite where LiteRT is not installed, before anything is written', async () => {
    const litert = () => {
      throw new InputError({ where: 'TensorFlow Lite', received: 'no package', expected: 'it installed' });
    };
    const options = { model, formats: ['tflite'] as const, out: join(folder, 'none') };
    await expect(exportJob(options, { ...environment, litert })).rejects.toThrow(
      'TensorFlow Lite: received no package',
    );
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});
