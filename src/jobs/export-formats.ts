import { GraphError } from '../core/errors.js';
import type { QuantizedProgram } from '../export/quantize/quantized-program.js';
import { writeQuantizedOnnx, writeQuantizedTflite } from '../export/quantize/write-quantized.js';
import type { Precision } from '../export/onnx/onnx-writer.js';
import { writeKeras } from '../export/keras/archive.js';
import { HUB_INPUT, HUB_OUTPUT } from '../export/hub/hub-files.js';
import { writeOnnx } from '../export/onnx/write-onnx.js';
import type { ExportInput } from '../export/program/build-program.js';
import { writeTflite } from '../export/tflite/write-tflite.js';
import type { Model } from '../models/model.js';

/** What can be written. */
export const exportFormats = ['onnx', 'tflite', 'keras', 'hub'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** In which numbers. */
export const exportPrecisions = ['float32', 'float16', 'int8'] as const;
export type ExportPrecision = (typeof exportPrecisions)[number];

/** How artefacts are written. */
export interface ArtefactSettings {
  /** ONNX, TFLite: what goes in; default `normalized`. */
  readonly input?: 'normalized' | 'image';
  /** Pictures per run; by default any number for ONNX, one for TFLite. */
  readonly batch?: 'dynamic' | number;
  /** ONNX, TFLite: ends in probabilities instead of logits. */
  readonly softmax?: boolean;
  /** ONNX: version of the operators. */
  readonly opset?: number;
  /** The model in 8 bits, for files of precision int8. */
  readonly quantized?: QuantizedProgram;
  /** Keras: ready for `model.fit`, with Adam and a cross-entropy. */
  readonly compiled?: boolean;
}

/** A cell of the table of formats and precisions: one file. */
export interface Artefact {
  /** Below the output folder. */
  readonly path: string;
  /** Which engine runs the file: ONNX Runtime, LiteRT, or Mien itself on what it reads back. */
  readonly engine: 'onnx' | 'tflite' | 'keras';
  /** How the file takes pictures and what it answers. */
  interfaceOf(model: Model, settings: ArtefactSettings): ArtefactInterface;
  write(model: Model, settings: ArtefactSettings): Uint8Array | Promise<Uint8Array>;
}

/** What a check must know to run a file. */
export interface ArtefactInterface {
  readonly kind: ExportInput;
  readonly input: string;
  /** Pictures per run. */
  readonly batch: 'dynamic' | number;
  readonly softmax: boolean;
}

type Table = Readonly<Record<ExportFormat, Readonly<Partial<Record<ExportPrecision, Artefact>>>>>;

/** Every file that can be written, by format and precision; a precision that a format lacks has no entry. */
export const ARTEFACTS: Table = {
  onnx: { float32: onnx('float32'), float16: onnx('float16'), int8: int8Onnx() },
  tflite: { float32: tflite('float32'), float16: tflite('float16'), int8: int8Tflite() },
  keras: { float32: keras() },
  hub: { float32: hub('float32', 'model'), float16: hub('float16', 'model_fp16'), int8: int8Hub() },
};

function onnx(precision: Precision): Artefact {
  return {
    path: `model_${precision}.onnx`,
    engine: 'onnx',
    interfaceOf: (model, settings) => ({
      ...interfaceOf(model, settings),
      batch: settings.batch ?? 'dynamic',
    }),
    write: (model, { input, batch, softmax, opset }) =>
      writeOnnx(model, {
        precision,
        ...(input === undefined ? {} : { input }),
        ...(batch === undefined ? {} : { batch }),
        ...(softmax === undefined ? {} : { softmax }),
        ...(opset === undefined ? {} : { opset }),
      }),
  };
}

function tflite(precision: Precision): Artefact {
  return {
    path: `model_${precision}.tflite`,
    engine: 'tflite',
    interfaceOf: (model, settings) => ({ ...interfaceOf(model, settings), batch: tfliteBatch(settings) }),
    write: (model, settings) =>
      writeTflite(model, {
        precision,
        batch: tfliteBatch(settings),
        input: settings.input ?? 'normalized',
        softmax: settings.softmax ?? false,
      }),
  };
}

/** There is no symbol for any number of pictures: runtimes resize the input. */
function tfliteBatch({ batch = 1 }: ArtefactSettings): number {
  return batch === 'dynamic' ? 1 : batch;
}

function int8Onnx(): Artefact {
  return {
    ...onnx('float32'),
    path: 'model_int8.onnx',
    write: (model, settings) =>
      writeQuantizedOnnx(model, quantizedOf(settings), {
        ...endsOf(settings),
        batch: settings.batch ?? 'dynamic',
        ...(settings.opset === undefined ? {} : { opset: settings.opset }),
      }),
  };
}

function int8Tflite(): Artefact {
  return {
    ...tflite('float32'),
    path: 'model_int8.tflite',
    write: (model, settings) =>
      writeQuantizedTflite(model, quantizedOf(settings), {
        ...endsOf(settings),
        batch: tfliteBatch(settings),
      }),
  };
}

function int8Hub(): Artefact {
  return {
    ...hub('float32', 'model_quantized'),
    write: (model, settings) =>
      writeQuantizedOnnx(model, quantizedOf(settings), {
        input: 'pixels',
        names: { input: HUB_INPUT, output: HUB_OUTPUT },
        ...(settings.opset === undefined ? {} : { opset: settings.opset }),
      }),
  };
}

function endsOf({ input = 'normalized', softmax = false }: ArtefactSettings) {
  return { input, softmax };
}

function quantizedOf({ quantized }: ArtefactSettings): QuantizedProgram {
  if (quantized !== undefined) return quantized;
  throw new GraphError({ where: 'export', received: 'no quantized program', expected: 'one for int8' });
}

function keras(): Artefact {
  return {
    path: 'best_model_float32.keras',
    engine: 'keras',
    interfaceOf: (model) => ({ ...interfaceOf(model, {}), batch: 'dynamic' }),
    write: (model, { compiled = false }) => writeKeras(model, { compiled }),
  };
}

function hub(precision: Precision, name: string): Artefact {
  return {
    path: `hub/onnx/${name}.onnx`,
    engine: 'onnx',
    interfaceOf: () => ({ kind: 'pixels', input: HUB_INPUT, batch: 'dynamic', softmax: false }),
    write: (model, { opset }) =>
      writeOnnx(model, {
        precision,
        input: 'pixels',
        names: { input: HUB_INPUT, output: HUB_OUTPUT },
        ...(opset === undefined ? {} : { opset }),
      }),
  };
}

function interfaceOf(model: Model, { input = 'normalized', softmax = false }: ArtefactSettings) {
  const name = input === 'image' ? 'image' : (model.graph.inputs[0] ?? '');
  return { kind: input, input: name, softmax };
}
