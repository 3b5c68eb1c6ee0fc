import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { float32, sizeOf, type Shape, type Tensor } from '../../src/core/tensor.js';
import { loadKeras } from '../../src/export/keras/archive.js';
import { drawnModel, recordOf } from '../../src/export/testing/models.js';
import { settled } from '../../src/export/testing/settle.js';
import { compare, drawnInput, preprocessed, runLayers } from '../../src/export/testing/reference.js';
import { loadShipped } from '../../src/jobs/shipped.js';
import { withHead } from '../../src/models/head.js';
import type { Model } from '../../src/models/model.js';
import { buildNet, netNames } from '../../src/models/nets.js';

/** Pictures that every artefact is run on. */
const PICTURES = 5;
const SIZE = 64;

/** A model to export, pictures for it, and what its layers compute. */
export interface Subject {
  readonly name: string;
  readonly model: Model;
  /** Name of the input layer. */
  readonly input: string;
  /** Normalized, [N, H, W, C]. */
  readonly x: Tensor<'float32'>;
  /** Raw pictures [N, h, w, C] whose normalization is `x`; undefined without a preprocessing record. */
  readonly raw: Tensor<'uint8'> | undefined;
  /** Logits (or what the model ends in) of the layer graph in ONNX Runtime, [N, K]. */
  readonly expected: Float32Array;
  readonly shape: Shape;
}

/** Names of all subjects: the shipped model, every net with drawn weights, and Keras's zoo of layers. */
export const SUBJECTS: readonly string[] = ['mien', ...netNames, 'keras_zoo'];

/** Makes a subject. */
export async function subjectOf(name: string): Promise<Subject> {
  const drawn = await modelOf(name);
  const { raw, x } = await picturesFor(drawn);
  const model = name === 'mien' ? drawn : await settled(drawn, x);
  const input = model.graph.inputs[0] ?? '';
  const shape = [PICTURES, ...model.graph.shapeOf(model.graph.outputs[0] ?? '')];
  return { name, model, input, x, raw, expected: await runLayers(model, x), shape };
}

async function modelOf(name: string): Promise<Model> {
  if (name === 'mien') return loadShipped(name);
  if (name === 'keras_zoo')
    return loadKeras(fileURLToPath(new URL('../golden/keras_zoo.keras', import.meta.url)));
  const backbone = buildNet(name, { inputShape: [SIZE, SIZE, 3] });
  return drawnModel(withHead(backbone, { classes: 5, kind: 'light' }), recordOf(SIZE));
}

async function picturesFor(model: Model): Promise<Pick<Subject, 'raw' | 'x'>> {
  const { preprocessing, graph } = model;
  if (preprocessing === undefined)
    return { raw: undefined, x: drawnInput([PICTURES, ...graph.shapeOf(graph.inputs[0] ?? '')]) };
  const [h, w] = preprocessing.sourceSize;
  const grey = drawnInput([PICTURES, h, w, 1]);
  const pixels = grey.data.map((value) => Math.round((value + 2) * 63.75));
  const data = Uint8Array.from({ length: 3 * pixels.length }, (_, i) => pixels[Math.floor(i / 3)] ?? 0);
  const raw: Tensor<'uint8'> = { dtype: 'uint8', shape: [PICTURES, h, w, 3], data };
  return { raw, x: await preprocessed(model, float32(pixels, grey.shape)) };
}

/** The i-th picture of a batch, as a batch of one. */
export function pictureOf(batch: Tensor, i: number): Tensor {
  const size = sizeOf(batch.shape.slice(1));
  return { ...batch, shape: [1, ...batch.shape.slice(1)], data: batch.data.slice(i * size, (i + 1) * size) };
}

/** Puts an artefact with its pictures and expectations where the Python side finds them. */
export function writeCase(
  root: string,
  file: string,
  bytes: Uint8Array,
  input: Tensor,
  { expected, shape }: Subject,
): string {
  const folder = join(root, file);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), bytes);
  writeFileSync(join(folder, 'x.bin'), viewOf(input.data));
  writeFileSync(join(folder, 'y.bin'), viewOf(expected));
  const about = { file, xShape: input.shape, xType: input.dtype, yShape: shape };
  writeFileSync(join(folder, 'case.json'), JSON.stringify(about));
  return folder;
}

/** What the Python side found. */
export function readResult(folder: string): unknown {
  return JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
}

/** Errors of outputs [N, K]: the largest, and relative to how far pictures differ in the class where they differ most. */
export function errorsOf(found: ArrayLike<number>, { expected, shape }: Pick<Subject, 'expected' | 'shape'>) {
  const { worst } = compare(found, expected);
  return { absolute: worst, relative: worst / spreadOf(expected, shape.at(-1) ?? 1) };
}

/** Largest difference between pictures in one class: what tells them apart. */
export function spreadOf(values: Float32Array, classes: number): number {
  const ranges = Array.from({ length: classes }, (_, k) => {
    const column = values.filter((_value, i) => i % classes === k);
    return Math.max(...column) - Math.min(...column);
  });
  return Math.max(...ranges);
}

function viewOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
