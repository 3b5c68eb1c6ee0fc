import { readFileSync } from 'node:fs';

import { messageOf } from '../core/errors.js';
import type { Model } from '../models/model.js';
import { litertNode } from '../runtime/node/litert.js';
import type { FileModel } from './any-model.js';
import type { BenchmarkOptions } from './benchmark.js';
import type { JobHooks } from './events.js';
import { ARTEFACTS, type Artefact } from './export-formats.js';
import { onnxModel, tfliteModel } from './file-model.js';
import { withRecords } from './model-records.js';
import { networkFormat, openModel } from './model-source.js';

/** Pictures at a time where throughput is measured. */
export const THROUGHPUT_BATCH = 32;

/** A file to measure. */
export interface BenchmarkSubject {
  readonly label: string;
  readonly format: 'onnx' | 'tflite';
  readonly precision: string;
  /** For one picture at a time. */
  readonly single: Uint8Array;
  /** For {@link THROUGHPUT_BATCH} at a time. */
  readonly batched: Uint8Array;
  readonly model: FileModel;
  /** The layers that it was made of, or those of the first model with the same classes that has some. */
  readonly reference: Model | undefined;
}

/** The files of all models: written in every format, in float32 and float16, or as they are. */
export async function benchmarkSubjects(
  options: BenchmarkOptions,
  hooks: JobHooks,
): Promise<BenchmarkSubject[]> {
  const subjects: BenchmarkSubject[] = [];
  for (const source of options.models) {
    const format = networkFormat(source);
    if (format !== undefined) subjects.push(fileSubject(source, format, options));
    else subjects.push(...(await layerSubjects(source, options, hooks)));
  }
  return subjects.map((subject) => ({
    ...subject,
    reference: subject.reference ?? lentTo(subject, subjects),
  }));
}

/** The layers of another model, whose answers mean something only where its outputs stand for the same classes. */
function lentTo({ model }: BenchmarkSubject, others: readonly BenchmarkSubject[]): Model | undefined {
  const { classes } = model;
  if (classes === undefined) return undefined;
  const names = JSON.stringify(classes);
  return others.find(({ reference }) => JSON.stringify(reference?.classes) === names)?.reference;
}

function fileSubject(source: string, format: 'onnx' | 'tflite', options: BenchmarkOptions): BenchmarkSubject {
  const bytes = readFileSync(source);
  const model = withRecords<FileModel>(modelOf(format, bytes, source), options);
  return {
    label: source,
    format,
    precision: 'as it is',
    single: bytes,
    batched: bytes,
    model,
    reference: undefined,
  };
}

async function layerSubjects(
  source: string,
  options: BenchmarkOptions,
  hooks: JobHooks,
): Promise<BenchmarkSubject[]> {
  const reference = withRecords(await openModel(source, '<models>'), options);
  const subjects: BenchmarkSubject[] = [];
  for (const format of ['onnx', 'tflite'] as const) {
    for (const precision of ['float32', 'float16'] as const) {
      const artefact = ARTEFACTS[format][precision];
      if (artefact === undefined) continue;
      try {
        const [single, batched] = [
          await written(artefact, reference, 1),
          await written(artefact, reference, THROUGHPUT_BATCH),
        ];
        const model = modelOf(format, single, source);
        subjects.push({ label: source, format, precision, single, batched, model, reference });
      } catch (error) {
        const text = `${source} has no ${format} in ${precision}: ${messageOf(error)}`;
        hooks.onEvent?.({ kind: 'note', text });
      }
    }
  }
  return subjects;
}

async function written(artefact: Artefact, model: Model, batch: number): Promise<Uint8Array> {
  return artefact.write(model, { batch });
}

function modelOf(format: 'onnx' | 'tflite', bytes: Uint8Array, where: string): FileModel {
  return format === 'onnx' ? onnxModel(bytes, where) : tfliteModel(bytes, where, litertNode);
}
