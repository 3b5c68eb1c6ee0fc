import { readFileSync } from 'node:fs';

import { InputError } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { sizeOf, type DType, type Shape, type Tensor } from '../core/tensor.js';
import { deviceInput, normalizedPlanes } from '../data/device-input.js';
import { imageAt, type ImageSet } from '../data/images.js';
import { modelInterface } from '../onnx/interface.js';
import type { Runtime, Session } from '../runtime/session.js';

/** What enters or leaves a session of another format than ONNX. */
export interface PortOfModel {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** real = scale · (stored − zeroPoint); undefined for real numbers. */
  readonly quantization?: { readonly scale: number; readonly zeroPoint: number } | undefined;
}

/** An engine for TensorFlow Lite files. */
export interface TfliteRuntime {
  createSession(
    model: Uint8Array,
  ): Promise<Session & { readonly inputs: readonly PortOfModel[]; readonly outputs: readonly PortOfModel[] }>;
}

/** Engines for quantized models. */
export interface Int8Runtimes {
  readonly onnx: Runtime;
  readonly tflite?: TfliteRuntime;
}

/** Pictures to answer for. */
export interface Int8Pictures {
  readonly images: ImageSet;
  readonly indices: readonly number[];
  readonly preprocessing: Preprocessing;
  /** Number of classes. */
  readonly classes: number;
  readonly onProgress?: (done: number) => void;
}

interface OpenModel {
  readonly session: Session;
  readonly input: PortOfModel;
  readonly output: PortOfModel;
  /** Undefined where the file does not say. */
  readonly ends: 'logits' | 'probabilities' | undefined;
}

/**
 * Probabilities by a quantized `.onnx` or `.tflite` file, one picture at a time. Inputs may be raw pictures (uint8, of
 * the record's source or input size) or normalized ones, with channels first or last, quantized or not.
 *
 * @returns [n, classes]
 * @throws InputError on a file of another kind, or one whose input or output does not fit
 */
export async function int8Probabilities(
  path: string,
  pictures: Int8Pictures,
  runtimes: Int8Runtimes,
): Promise<Float32Array> {
  const model = await openModelFile(path, runtimes);
  const feed = feederOf(path, model.input, pictures);
  const { indices, classes } = pictures;
  const rows = new Float32Array(indices.length * classes);
  try {
    for (const [row, image] of indices.entries()) {
      const outputs = await model.session.run({ [model.input.name]: feed(image) });
      rows.set(realValues(path, outputs[model.output.name], model.output, classes), row * classes);
      pictures.onProgress?.(row + 1);
    }
  } finally {
    await model.session.close();
  }
  return asProbabilities(rows, classes, model.ends);
}

async function openModelFile(path: string, { onnx, tflite }: Int8Runtimes): Promise<OpenModel> {
  if (path.toLowerCase().endsWith('.onnx')) return openOnnx(path, onnx);
  if (!path.toLowerCase().endsWith('.tflite')) throw refused(path, 'another ending');
  if (tflite === undefined) throw refused(path, 'a TensorFlow Lite file, for which no engine was given');
  const session = await tflite.createSession(readBytes(path));
  const [[input], [output]] = [session.inputs, session.outputs];
  if (input === undefined || output === undefined) throw refused(path, 'a model without input or output');
  return { session, input, output, ends: undefined };
}

const ELEMENT_TYPES: Readonly<Record<number, DType>> = { 1: 'float32', 2: 'uint8', 3: 'int8' };

async function openOnnx(path: string, runtime: Runtime): Promise<OpenModel> {
  const bytes = readBytes(path);
  const { inputs, outputs, metadata } = modelInterface(bytes, path);
  const ports = [inputs[0], outputs[0]].map((port) => {
    const dtype = ELEMENT_TYPES[port?.elementType ?? 0];
    if (port === undefined || dtype === undefined) throw refused(path, 'no input or output of a known type');
    return { name: port.name, dtype, shape: port.shape.map((size) => size ?? 1) };
  });
  const [input, output] = ports;
  if (input === undefined || output === undefined) throw refused(path, 'a model without input or output');
  const said = metadata['mien.output'];
  const ends = said === 'logits' || said === 'probabilities' ? said : undefined;
  return { session: await runtime.createSession(bytes), input, output, ends };
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new InputError(
      { where: '--int8', received: `no readable file "${path}"`, expected: 'a quantized model' },
      { cause: error },
    );
  }
}

/** What makes a picture's tensor. */
function feederOf(path: string, input: PortOfModel, { images, preprocessing }: Int8Pictures) {
  const { channels, inputSize, sourceSize } = preprocessing;
  const { dtype, shape } = input;
  const is = (...expected: readonly number[]) => shape.join(' ') === expected.join(' ');
  const pixels = (image: number) => deviceInput(imageAt(images, image), preprocessing);
  const source = (image: number) =>
    deviceInput(imageAt(images, image), { ...preprocessing, inputSize: sourceSize });
  const raw = dtype === 'uint8' && isRaw(input);
  if (raw && is(1, ...inputSize, channels)) return (image: number) => tensorOf(input, pixels(image));
  if (raw && is(1, ...sourceSize, channels)) return (image: number) => tensorOf(input, source(image));
  const planes = (image: number) => normalizedPlanes(pixels(image), preprocessing);
  if (is(1, channels, ...inputSize)) return (image: number) => tensorOf(input, planes(image));
  if (is(1, ...inputSize, channels)) {
    return (image: number) => tensorOf(input, channelsLast(planes(image), channels));
  }
  const expected = `${channels} channels of ${inputSize.join('×')} pixels, one picture per run`;
  const received = `an input ${dtype} [${shape.join(', ')}]`;
  throw new InputError({ where: path, received, expected });
}

/** Whether stored values are pixels: not quantized, or by a scale that changes nothing. */
function isRaw({ quantization }: PortOfModel): boolean {
  return quantization === undefined || (quantization.scale === 1 && quantization.zeroPoint === 0);
}

function tensorOf({ dtype, shape, quantization }: PortOfModel, values: Float32Array | Uint8Array): Tensor {
  if (dtype === 'float32') return { dtype, shape, data: Float32Array.from(values) };
  const { scale, zeroPoint } = quantization ?? { scale: 1, zeroPoint: 0 };
  const [least, most] = dtype === 'int8' ? [-128, 127] : [0, 255];
  const stored = (value: number) => Math.min(most, Math.max(least, Math.round(value / scale) + zeroPoint));
  if (dtype === 'int8') return { dtype, shape, data: Int8Array.from(values, stored) };
  return { dtype: 'uint8', shape, data: Uint8Array.from(values, stored) };
}

function channelsLast(planes: Float32Array, channels: number): Float32Array {
  const size = planes.length / channels;
  return Float32Array.from(planes, (_, i) => planes[(i % channels) * size + Math.floor(i / channels)] ?? 0);
}

function realValues(
  path: string,
  tensor: Tensor | undefined,
  { shape, quantization }: PortOfModel,
  classes: number,
): Float32Array {
  if (tensor === undefined || tensor.data.length !== classes) {
    const received = `an output of ${tensor?.data.length ?? sizeOf(shape)} values`;
    throw new InputError({ where: path, received, expected: `${classes}, one per class` });
  }
  const { scale, zeroPoint } = quantization ?? { scale: 1, zeroPoint: 0 };
  return Float32Array.from(tensor.data as Float32Array, (value) => scale * (value - zeroPoint));
}

/** Rows as probabilities: where a file does not say, rows that sum to about 1 are taken for them. */
function asProbabilities(rows: Float32Array, classes: number, ends: OpenModel['ends']): Float32Array {
  const all = Array.from({ length: rows.length / classes }, (_, i) =>
    rows.subarray(i * classes, (i + 1) * classes),
  );
  const looks = all.every((row) => row.every((p) => p >= 0) && Math.abs(sum(row) - 1) < 0.05);
  if ((ends ?? (looks ? 'probabilities' : 'logits')) === 'logits') all.forEach(softmaxInPlace);
  return rows;
}

function softmaxInPlace(row: Float32Array): void {
  const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
  row.forEach((value, i) => (row[i] = Math.exp(value - most)));
  const total = sum(row);
  row.forEach((value, i) => (row[i] = value / total));
}

function sum(values: Float32Array): number {
  return values.reduce((total, value) => total + value, 0);
}

function refused(path: string, received: string): InputError {
  const expected = 'a quantized .onnx file, or the predictions.csv of one';
  return new InputError({ where: '--int8', received: `"${path}", ${received}`, expected });
}
