/** Every exported .tflite in LiteRT (Node) and in TensorFlow Lite's interpreter, and its structure by TensorFlow's own reader. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Tensor } from '../../src/core/tensor.js';
import {
  describeTflite,
  writeTflite,
  type WriteTfliteOptions,
} from '../../src/export/tflite/write-tflite.js';
import { readTflite } from '../../src/export/tflite/read/read-tflite.js';
import { runLiteRtEach } from '../../src/export/testing/litert.js';
import { classesOf, compare, runOnnx } from '../../src/export/testing/reference.js';
import { encodeModel } from '../../src/onnx/encode.js';
import {
  errorsOf,
  pictureOf,
  readResult,
  spreadOf,
  subjectOf,
  SUBJECTS,
  writeCase,
  type Subject,
} from './export-subjects.js';
import { runPython } from './oracle.js';

/**
 * Largest error relative to the spread of a logit over the pictures: roundings of float32 through up to 700 layers;
 * weights rounded to 11 bits, which nets of drawn weights amplify a hundredfold (the shipped model: 0.01).
 */
const LIMITS = { float32: 1e-4, float16: 0.1 } as const;

interface Result {
  readonly tensorflow: string;
  readonly y: number[];
  readonly resized: number[];
  readonly operators: Readonly<Record<string, number>>;
  readonly firstBuffer: number;
  readonly misaligned: number;
  readonly signature: unknown;
  readonly delegated: boolean;
  readonly metadata: readonly string[];
}

const root = mkdtempSync(join(tmpdir(), 'mien-tflite-'));
const rows: Record<string, string | number>[] = [];
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  console.log('TFLite exports against the layer graph in ONNX Runtime, errors of logits');
  console.table(rows);
});

function check(subject: Subject, label: string, precision: keyof typeof LIMITS, found: ArrayLike<number>) {
  const { relative, absolute } = errorsOf(found, subject);
  const classes = subject.shape.at(-1) ?? 1;
  expect(relative, label).toBeLessThan(LIMITS[precision]);
  expect(classesOf(found, classes), label).toEqual(classesOf(subject.expected, classes));
  return absolute.toExponential(1);
}

async function prove(subject: Subject, options: WriteTfliteOptions, input: Tensor): Promise<void> {
  const { precision = 'float32' } = options;
  const { name, model } = subject;
  const bytes = writeTflite(model, { ...options, names: { input: 'picture', output: 'logits' } });
  const pictures = Array.from({ length: input.shape[0] ?? 1 }, (_, i) => ({ picture: pictureOf(input, i) }));
  const runs = await runLiteRtEach(bytes, pictures);
  const litert = runs.flatMap(({ outputs }) => Array.from(outputs['logits']?.data ?? []));
  const label = `${name}-${options.input ?? 'normalized'}-${precision}.tflite`;
  const folder = writeCase(root, label, bytes, input, subject);
  runPython(script('tflite_model.py'), [folder]);
  const result = readResult(folder) as Result;
  expect(result).toMatchObject({
    firstBuffer: 0,
    misaligned: 0,
    delegated: true,
    signature: { serving_default: { inputs: ['picture'], outputs: ['logits'] } },
    metadata: ['MIEN', 'TFLITE_METADATA'],
  });
  const read = readTflite(bytes, label, { batch: input.shape[0] ?? 1 });
  const back = (await runOnnx(encodeModel(read), input, 'picture')).data as Float32Array;
  const described = describeTflite(model, options).operators.length;
  expect(Object.values(result.operators).reduce((sum, count) => sum + count, 0)).toBe(described);
  rows.push({
    model: name,
    input: options.input ?? 'normalized',
    precision,
    LiteRT: check(subject, 'LiteRT', precision, litert),
    interpreter: check(subject, 'the interpreter', precision, result.y),
    'batch of 5': check(subject, 'a resized batch', precision, result.resized),
    'read back': check(subject, 'read back', precision, back),
    spread: spreadOf(subject.expected, subject.shape.at(-1) ?? 1).toFixed(2),
    operators: described,
    bytes: bytes.length,
  });
}

describe.each([...SUBJECTS])('%s', (name) => {
  let subject: Subject;
  beforeAll(async () => {
    subject = await subjectOf(name);
  });

  it.each(['float32', 'float16'] as const)('is the same in %s', async (precision) => {
    await prove(subject, { precision }, subject.x);
  });

  it('is the same for raw pictures', async () => {
    if (subject.raw !== undefined) await prove(subject, { input: 'image' }, subject.raw);
  });
});

describe("MediaPipe's image classifier", () => {
  it('accepts the shipped model for raw pictures and names its classes', async () => {
    const subject = await subjectOf('mien');
    const bytes = writeTflite(subject.model, { input: 'image', softmax: true });
    const folder = writeCase(root, 'mediapipe.tflite', bytes, subject.raw!, subject);
    runPython(script('mediapipe_classifier.py'), [folder]);
    const { labels, scores } = readResult(folder) as { labels: string[]; scores: number[] };
    expect(labels).toEqual(subject.model.classes);
    const classes = labels.length;
    const exact = Array.from({ length: subject.shape[0] ?? 1 }, (_, row) => {
      const logits = subject.expected.subarray(row * classes, (row + 1) * classes);
      const powers = Array.from(logits, (value) => Math.exp(value - Math.max(...logits)));
      const total = powers.reduce((sum, value) => sum + value, 0);
      return powers.map((value) => value / total);
    }).flat();
    expect(compare(scores, exact).worst).toBeLessThan(1e-5);
  });
});
