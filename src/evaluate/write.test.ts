import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createEvaluation } from './evaluation.js';
import { formatReport } from './report.js';
import { writeEvaluation } from './write.js';

const scores = {
  labels: Int32Array.from([0, 1, 1]),
  probabilities: Float32Array.from([0.9, 0.1, 0.2, 0.8, 0.6, 0.4]),
  classes: ['happy', 'sad'],
};
const evaluation = createEvaluation({ split: 'test', flip: false, scores, leaked: [0] });
const names = [
  'report.txt',
  'report.json',
  'confusion_matrix.png',
  'per_class_accuracy.png',
  'reliability.png',
  'predictions.csv',
];

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'mien-evaluate-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('writeEvaluation', () => {
  it('writes the six files and nothing else', () => {
    const target = join(folder, 'evaluation');
    const paths = writeEvaluation(target, evaluation, { ...scores, files: ['a', 'b', 'c'] });
    expect(paths.map((path) => basename(path))).toEqual(names);
    expect(readdirSync(target).sort()).toEqual([...names].sort());
    expect(readFileSync(join(target, 'report.txt'), 'utf8')).toBe(formatReport(evaluation));
  });

  it('puts the figures at the top level of report.json', () => {
    writeEvaluation(folder, evaluation, { ...scores, files: ['a', 'b', 'c'] });
    const report: unknown = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
    expect(report).toMatchObject({
      version: 1,
      split: 'test',
      flip: false,
      n: 3,
      classes: ['happy', 'sad'],
      accuracy: 2 / 3,
      macroAccuracy: 0.75,
      confusionMatrix: [
        [1, 0],
        [1, 1],
      ],
      perClass: { happy: { accuracy: 1, n: 1 }, sad: { accuracy: 0.5, recall: 0.5, n: 2 } },
      withoutLeaks: { copies: 1, n: 2, accuracy: 0.5 },
    });
    expect(report).toHaveProperty('interval.length', 2);
  });

  it('says where it could not write', () => {
    mkdirSync(join(folder, 'report.txt', 'full'), { recursive: true });
    expect(() => writeEvaluation(folder, evaluation, { ...scores, files: ['a', 'b', 'c'] })).toThrow(
      `${join(folder, 'report.txt')}: received`,
    );
  });
});
