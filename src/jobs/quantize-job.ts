import { join } from 'node:path';

import { checkInteger } from '../core/checks.js';
import { writeFileAtomic } from '../core/files.js';
import { signalNoiseChart } from '../evaluate/charts/signal-noise.js';
import { renderPng } from '../evaluate/charts/render.js';
import {
  formatQuantizationMarkdown,
  type QuantizationReport,
  type QuantizedLayer,
} from '../evaluate/quantization.js';
import { firstBatches } from '../export/quantize/engine.js';
import { noiseByStep } from '../export/quantize/measure.js';
import { programOf, type QuantizedModel, type Repair } from '../export/quantize/quantize-model.js';
import type { RangeMethod } from '../export/quantize/ranges.js';
import { writeQuantizedOnnx, writeQuantizedTflite } from '../export/quantize/write-quantized.js';
import type { BoundaryTypes } from '../export/tflite/quantized-tflite.js';
import type { Model } from '../models/model.js';
import type { Runtime } from '../runtime/session.js';
import type { JobHooks } from './events.js';
import { withRecords, type ModelRecords } from './model-records.js';
import { modelClasses, modelPreprocessing, openModel } from './model-source.js';
import { CALIBRATION_IMAGES, loadQuantizeData, type QuantizeData } from './quantize-data.js';
import { quantizeOn } from './quantize-for.js';
import { measureFiles, type MeasuredFiles } from './quantize-files.js';
import { batchSizeFor, openNormalizer } from './quantize-pictures.js';

/** What {@link quantizeJob} does. */
export interface QuantizeOptions extends ModelRecords, BoundaryTypes {
  /** A shipped model's name, a run folder, a `.keras` or `.h5` file. */
  readonly model: string;
  /** Data root or CSV file: ranges from its training part, accuracy from its test part. */
  readonly data: string;
  /** Folder, made where it is missing. */
  readonly out: string;
  /** Pictures for the ranges, by default 1,024. */
  readonly images?: number;
  readonly seed?: number;
  readonly methods?: readonly RangeMethod[];
  readonly repairs?: readonly Repair[];
  /** Layers that stay in float32, by the names that the report has. */
  readonly keep?: readonly string[];
  /** Measure every layer and the accuracy, and write tables and picture; default true. */
  readonly report?: boolean;
  readonly cacheDir?: string;
}

/** Engines for {@link quantizeJob}. */
export interface QuantizeEnvironment {
  readonly runtime: Runtime;
  /** LiteRT, in which the `.tflite` file is measured; without it, only the ONNX file is. */
  readonly litert?: () => Runtime;
}

/** What was written. */
export interface QuantizeOutcome {
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** Absent where none was asked for. */
  readonly report?: QuantizationReport;
}

/** Names of the files in the output folder. */
export const QUANTIZED_FILES = {
  tflite: 'model_int8.tflite',
  onnx: 'model_int8.onnx',
  report: 'quantization_report.json',
  table: 'quantization_report.md',
  picture: 'quantization_report.png',
} as const;

/** Pictures on which the noise of each layer is measured. */
const NOISE_IMAGES = 64;

/**
 * Quantizes a trained model to eight bits without training it again, and writes it as TensorFlow Lite and ONNX.
 *
 * @throws InputError when the model has no record or the pictures do not do
 * @example
 * await quantizeJob({ model: 'mien', data: 'fer2013', out: 'quantized' }, { runtime: ortNode(), litert: litertNode });
 */
export async function quantizeJob(
  options: QuantizeOptions,
  { runtime, litert }: QuantizeEnvironment,
  hooks: JobHooks = {},
): Promise<QuantizeOutcome> {
  const { images = CALIBRATION_IMAGES, seed = 1, out } = options;
  checkInteger('--images', images, 1);
  const model = withRecords(await openModel(options.model, '<model>'), options);
  modelPreprocessing(model);
  modelClasses(model);
  const choice = { ...options, images, seed, remedy: 'lower --images or add pictures' };
  const data = await loadQuantizeData(model, choice, hooks);
  const result = await quantizeOn(model, data, options, { runtime, hooks });
  const { quantized } = result;
  const tflite = writeQuantizedTflite(model, quantized, options);
  const onnx = writeQuantizedOnnx(model, quantized);
  const files = [write(out, QUANTIZED_FILES.tflite, tflite), write(out, QUANTIZED_FILES.onnx, onnx)];
  if (options.report === false) return { files };
  const context = {
    model,
    data,
    runtime,
    hooks,
    boundary: options,
    ...(litert === undefined ? {} : { litert }),
  };
  const measured = await measureFiles(context, { tflite, onnx });
  const layers = await layersOf(model, result, runtime, data);
  const report = reportOf({ ...options, images, seed }, model, result, data, measured, layers);
  return { files: [...files, ...writeReport(out, report)], report };
}

async function layersOf(
  model: Model,
  { quantized }: QuantizedModel,
  runtime: Runtime,
  { train, held }: QuantizeData,
): Promise<QuantizedLayer[]> {
  const batchSize = batchSizeFor(programOf(model, 1));
  const pictures = await openNormalizer(runtime, modelPreprocessing(model), train, batchSize);
  const source = firstBatches(pictures.source(held), Math.ceil(NOISE_IMAGES / batchSize));
  const noise = await noiseByStep(runtime, quantized, source).finally(() => pictures.close());
  return quantized.program.steps.map((step) => {
    const form = quantized.values.get(step.output);
    const choice = quantized.choices.get(step.output);
    return {
      name: step.name,
      kind: step.kind === 'unary' ? step.function : step.kind,
      snr: noise.get(step.output) ?? 0,
      method: choice?.method ?? null,
      range: choice?.range ?? null,
      scale: form?.scale ?? null,
      zeroPoint: form?.zeroPoint ?? null,
      kept: quantized.kept.get(step.name) ?? null,
    };
  });
}

function reportOf(
  { model: name, images, seed }: QuantizeOptions & { readonly images: number; readonly seed: number },
  model: Model,
  { trials, taken, split }: QuantizedModel,
  { copies, calibration }: QuantizeData,
  { measured, files, notes }: MeasuredFiles,
  layers: readonly QuantizedLayer[],
): QuantizationReport {
  return {
    version: 1,
    model: name,
    classes: modelClasses(model),
    calibration: { images: Math.min(images, calibration.length), seed, copiesLeftOut: copies },
    trials,
    taken,
    split,
    layers,
    measured,
    files,
    notes,
  };
}

function writeReport(out: string, report: QuantizationReport): { path: string; bytes: number }[] {
  const bars = report.layers.map(({ name, snr, kept }) => ({ name, snr, kept: kept !== null }));
  const subtitle = `8 bits against float32 after each layer · ${report.taken}`;
  const chart = signalNoiseChart(`Noise of ${report.model} in 8 bits`, subtitle, bars);
  return [
    write(out, QUANTIZED_FILES.report, `${JSON.stringify(report, null, 2)}\n`),
    write(out, QUANTIZED_FILES.table, formatQuantizationMarkdown(report)),
    write(out, QUANTIZED_FILES.picture, renderPng(chart)),
  ];
}

function write(out: string, name: string, content: string | Uint8Array): { path: string; bytes: number } {
  const path = join(out, name);
  writeFileAtomic(path, content);
  return { path, bytes: Buffer.byteLength(content) };
}
