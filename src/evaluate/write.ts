import { join } from 'node:path';

import { writeFileAtomic } from '../core/files.js';
import { confusionMatrixChart } from './charts/confusion-matrix.js';
import { perClassAccuracyChart } from './charts/per-class-accuracy.js';
import { reliabilityChart } from './charts/reliability.js';
import { renderPng } from './charts/render.js';
import type { Evaluation } from './evaluation.js';
import { formatPredictions, type Predictions } from './predictions.js';
import { formatReport } from './report.js';

/** Names of the pictures that are exact copies of training pictures, one a line; only where somebody looked. */
export const LEAKED_FILE = 'leaked_copies.txt';

/**
 * Writes an evaluation's files into `folder`, which is made when missing: report.txt, report.json,
 * confusion_matrix.png, per_class_accuracy.png, reliability.png, predictions.csv; and leaked_copies.txt where copies were
 * looked for.
 *
 * @param leaked positions of exact copies of training pictures
 * @returns the paths of the files, in that order.
 * @throws InputError when the predictions do not fit each other or the folder cannot be written.
 * @example
 * writeEvaluation('runs/first/evaluation', evaluation, { ...scores, files });
 */
export function writeEvaluation(
  folder: string,
  evaluation: Evaluation,
  predictions: Predictions,
  leaked?: readonly number[],
): string[] {
  const copies = leaked?.map((image) => `${predictions.files[image] ?? ''}\n`);
  const contents: readonly (readonly [string, string | Uint8Array])[] = [
    ['report.txt', formatReport(evaluation)],
    ['report.json', `${JSON.stringify(evaluation, null, 2)}\n`],
    ['confusion_matrix.png', renderPng(confusionMatrixChart(evaluation))],
    ['per_class_accuracy.png', renderPng(perClassAccuracyChart(evaluation))],
    ['reliability.png', renderPng(reliabilityChart(evaluation))],
    ['predictions.csv', formatPredictions(predictions)],
    ...(copies === undefined ? [] : [[LEAKED_FILE, copies.join('')] as const]),
  ];
  return contents.map(([name, content]) => {
    const path = join(folder, name);
    writeFileAtomic(path, content);
    return path;
  });
}
