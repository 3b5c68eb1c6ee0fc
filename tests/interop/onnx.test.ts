/** Every exported .onnx in ONNX's own checker with strict shape inference, and in ONNX Runtime for Python. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Tensor } from '../../src/core/tensor.js';
import { onnxGraph, writeOnnx, type WriteOnnxOptions } from '../../src/export/onnx/write-onnx.js';
import { channelsFirst, classesOf } from '../../src/export/testing/reference.js';
import {
  errorsOf,
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
  readonly single: number[];
  readonly whole: number[];
  readonly domains: readonly string[];
  readonly inputShape: readonly (number | string)[];
  readonly outputShape: readonly (number | string)[];
  readonly unknown: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

const root = mkdtempSync(join(tmpdir(), 'mien-onnx-'));
const rows: Record<string, string | number>[] = [];

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  console.log('ONNX exports in ONNX Runtime for Python against the layer graph, errors of logits');
  console.table(rows);
});

function check(subject: Subject, label: string, precision: keyof typeof LIMITS, found: ArrayLike<number>) {
  const { relative, absolute } = errorsOf(found, subject);
  const classes = subject.shape.at(-1) ?? 1;
  expect(relative, label).toBeLessThan(LIMITS[precision]);
  expect(classesOf(found, classes), label).toEqual(classesOf(subject.expected, classes));
  return absolute.toExponential(1);
}

function prove(subject: Subject, options: WriteOnnxOptions, input: Tensor): void {
  const { precision = 'float32' } = options;
  const { name, model } = subject;
  const bytes = writeOnnx(model, options);
  const label = `${name}-${options.input ?? 'normalized'}-${precision}-${options.opset ?? 18}.onnx`;
  const folder = writeCase(root, label, bytes, input, subject);
  runPython(fileURLToPath(new URL('onnx_model.py', import.meta.url)), [folder]);
  const result = readResult(folder) as Result;
  expect(result.domains).toEqual(['']);
  expect(result.unknown).toEqual([]);
  expect(result.inputShape).toEqual(['batch', ...input.shape.slice(1)]);
  expect(result.outputShape).toEqual(['batch', ...subject.shape.slice(1)]);
  expect(JSON.parse(result.metadata['origin'] ?? '')).toEqual(model.origin);
  rows.push({
    model: name,
    input: options.input ?? 'normalized',
    precision,
    opset: options.opset ?? 18,
    'one by one': check(subject, 'one by one', precision, result.single),
    'batch of 5': check(subject, 'a batch', precision, result.whole),
    spread: spreadOf(subject.expected, subject.shape.at(-1) ?? 1).toFixed(2),
    nodes: onnxGraph(model, options).nodes.length,
    bytes: bytes.length,
  });
}

describe.each([...SUBJECTS])('%s', (name) => {
  let subject: Subject;
  beforeAll(async () => {
    subject = await subjectOf(name);
  });

  it.each(['float32', 'float16'] as const)('is the same in %s', (precision) => {
    prove(subject, { precision }, channelsFirst(subject.x));
  });

  it('is the same for raw pictures', () => {
    if (subject.raw !== undefined) prove(subject, { input: 'image' }, subject.raw);
  });
});

it.each([17, 21])('opset %i is valid, too', async (opset) => {
  const subject = await subjectOf('keras_zoo');
  prove(subject, { opset }, channelsFirst(subject.x));
});
