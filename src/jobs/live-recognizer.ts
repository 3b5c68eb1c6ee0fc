import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';

import { InputError, messageOf } from '../core/errors.js';
import type { Preprocessing } from '../core/preprocessing.js';
import { parseJson, readPreprocessing } from '../export/keras/mien-record.js';
import { isJsonObject, type Json } from '../layers/json.js';
import { hailoRecognizer } from '../live/recognizers/hailo.js';
import { onnxRecognizer } from '../live/recognizers/onnx.js';
import type { ReadyModel } from '../live/recognizers/ready-model.js';
import type { Recognizer } from '../live/recognizers/recognizer.js';
import { tfliteFileRecognizer, tfliteModelRecognizer } from '../live/recognizers/tflite.js';
import type { DescribedRuntime, Runtime } from '../runtime/session.js';
import { withRecords, type ModelRecords } from './model-records.js';
import { modelClasses, modelPreprocessing, openModel } from './model-source.js';

/** The engine that computes expressions. */
export type LiveBackend =
  | { readonly kind: 'ort'; readonly runtime: Runtime; readonly threads?: number | undefined }
  | { readonly kind: 'tflite'; readonly runtime: DescribedRuntime }
  | { readonly kind: 'hailo'; readonly runtime: DescribedRuntime };

/** What {@link openRecognizer} opens. */
export interface RecognizerOptions extends ModelRecords {
  /** What `openModel` takes; for `tflite` also a `.tflite` file; for `hailo` a `.hef` file. */
  readonly model: string;
  readonly backend: LiveBackend;
}

/** Opens a model on an engine. @throws InputError when model, records or engine are missing or do not fit */
export async function openRecognizer(options: RecognizerOptions): Promise<Recognizer> {
  const { model, backend } = options;
  if (backend.kind === 'hailo') {
    const hef = readHef(model);
    return hailoRecognizer(backend.runtime, hef, sidecarRecords(options));
  }
  if (backend.kind === 'tflite' && extname(model).toLowerCase() === '.tflite') {
    const records = givenRecords(options);
    return tfliteFileRecognizer(backend.runtime, readBytes(model), { where: model, records });
  }
  const ready = await readyModel(options);
  if (backend.kind === 'tflite') return tfliteModelRecognizer(backend.runtime, ready);
  return onnxRecognizer(withThreads(backend.runtime, backend.threads), ready);
}

async function readyModel(options: RecognizerOptions): Promise<ReadyModel> {
  const model = withRecords(await openModel(options.model), options);
  return { ...model, preprocessing: modelPreprocessing(model), classes: modelClasses(model) };
}

function withThreads(runtime: Runtime, threads: number | undefined): Runtime {
  if (threads === undefined) return runtime;
  const { name } = runtime;
  return { name, createSession: (model, options) => runtime.createSession(model, { threads, ...options }) };
}

function readHef(path: string): Uint8Array {
  if (extname(path).toLowerCase() === '.hef') return readBytes(path);
  throw new InputError({
    where: '--model',
    received: `"${path}" for Hailo`,
    expected: 'a .hef file',
    remedy: "make one with Hailo's compiler",
  });
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const received = `"${messageOf(error)}"`;
    throw new InputError(
      { where: '--model', received, expected: 'a file that can be read' },
      { cause: error },
    );
  }
}

type Records = Partial<Pick<ReadyModel, 'preprocessing' | 'classes'>>;

function givenRecords({ preprocessing, classes }: ModelRecords): Records {
  return {
    ...(preprocessing === undefined ? {} : { preprocessing: readRecord(preprocessing) }),
    ...(classes === undefined ? {} : { classes }),
  };
}

/** A HEF says neither classes nor preprocessing: `preprocessing.json` and `labels.json` stand beside it. */
function sidecarRecords(options: RecognizerOptions): Pick<ReadyModel, 'preprocessing' | 'classes'> {
  const given = givenRecords(options);
  const beside = (name: string) => join(dirname(options.model), name);
  const record = given.preprocessing ?? fromFile(beside('preprocessing.json'), readRecord);
  const classes = given.classes ?? fromFile(beside('labels.json'), readLabels);
  if (record === undefined) throw withoutSidecar(options.model, 'preprocessing.json', '--preprocessing FILE');
  if (classes === undefined) throw withoutSidecar(options.model, 'labels.json', '--classes NAME,NAME');
  return { preprocessing: record, classes };
}

function fromFile<T>(path: string, read: (path: string) => T): T | undefined {
  return existsSync(path) ? read(path) : undefined;
}

function readRecord(path: string): Preprocessing {
  if (!existsSync(path)) {
    throw new InputError({ where: '--preprocessing', received: `"${path}"`, expected: 'a JSON file' });
  }
  return readPreprocessing(path, parseJson(path, readFileSync(path, 'utf8')));
}

/** A list of names, an object with one under `labels` or `classes`, or names by number. */
function readLabels(path: string): readonly string[] {
  const json = parseJson(path, readFileSync(path, 'utf8'));
  const names = Array.isArray(json) ? json : isJsonObject(json) ? labelsOf(json) : [];
  if (names.length > 0 && names.every((name) => typeof name === 'string')) return names;
  throw new InputError({ where: path, received: 'no names', expected: 'a list of class names' });
}

function labelsOf(json: Readonly<Record<string, Json>>): readonly Json[] {
  const list = json['labels'] ?? json['classes'];
  if (Array.isArray(list)) return list as readonly Json[];
  return Array.from({ length: Object.keys(json).length }, (_, i) => json[String(i)] ?? null);
}

function withoutSidecar(hef: string, name: string, option: string): InputError {
  return new InputError({
    where: hef,
    received: `no ${name} beside it`,
    expected: 'one, since a HEF does not say what it takes and answers',
    remedy: `give it with ${option}`,
  });
}
