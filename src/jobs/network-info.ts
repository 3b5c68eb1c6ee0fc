import { readFileSync } from 'node:fs';

import { sizeOf } from '../core/tensor.js';
import type { TfliteFile } from '../export/tflite/read/parse-tflite.js';
import { litertNode } from '../runtime/node/litert.js';
import type { FileModel } from './any-model.js';
import { onnxModel, tfliteModel } from './file-model.js';
import type { ModelInfo } from './model-description.js';
import { fileOf, networkFormat } from './model-source.js';

/** What an ONNX or TensorFlow Lite file says about itself: no layers, but operators. @throws InputError */
export function networkInfo(source: string): ModelInfo {
  const bytes = readFileSync(source);
  return networkFormat(source) === 'onnx' ? onnxInfo(source, bytes) : tfliteInfo(source, bytes);
}

function onnxInfo(source: string, bytes: Uint8Array): ModelInfo {
  const { file, ...model } = onnxModel(bytes, source);
  const shapes = (ends: typeof file.inputs) =>
    Object.fromEntries(ends.map(({ name, shape }) => [name, shape.slice(1).map((size) => size ?? -1)]));
  const producer = file.producer === '' ? '' : `, by ${file.producer}`;
  return {
    ...common(source, bytes, model),
    format: `ONNX, opset ${file.opset}${producer}`,
    inputs: shapes(file.inputs),
    outputs: shapes(file.outputs),
    parameters: file.parameters,
    operators: sorted(file.operators),
  };
}

function tfliteInfo(source: string, bytes: Uint8Array): ModelInfo {
  const { file, ...model } = tfliteModel(bytes, source, litertNode);
  const shapes = (ends: TfliteFile['inputs']) =>
    Object.fromEntries(ends.map(({ name, tensor }) => [name, file.tensors[tensor]?.shape.slice(1) ?? []]));
  const weights = file.tensors.filter(({ data, type }) => data !== undefined && type !== 'int32');
  const counts = new Map<string, number>();
  for (const { name } of file.operators) counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    ...common(source, bytes, model),
    inputs: shapes(file.inputs),
    outputs: shapes(file.outputs),
    parameters: weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    operators: sorted(counts),
  };
}

function common(source: string, bytes: Uint8Array, { net, classes, preprocessing, origin }: FileModel) {
  return {
    version: 1 as const,
    source,
    format: fileOf(source).format,
    bytes: bytes.length,
    name: net.name,
    trainableParameters: 0,
    macs: null,
    classes: classes ?? null,
    preprocessing: preprocessing ?? null,
    origin,
    layers: [],
  };
}

/** The most frequent first. */
function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}
