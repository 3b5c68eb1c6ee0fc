import { join } from 'node:path';

import { writeFileAtomic } from '../core/files.js';
import { confusionMatrixChart } from './charts/confusion-matrix.js';
import { perClassAccuracyChart } from './charts/per-class-accuracy.js';
import { reliabilityChart } from './charts/reliability.js';
import { renderPng } from './charts/render.js';
import type { Evaluation } from './evaluation.js';
import { formatPredictions, type Predictions } from './predictions.js';
import { formatReport } from './report.js';

/**
 * Writes an evaluation's files into `folder`, which is made when missing: report.txt, report.json,
 * confusion_matrix.png, per_class_accuracy.png, reliability.png, predictions.csv.
 *
 * @returns the paths of the files, in that order.
 * @throws InputError when the predictions do not fit each other or the folder cannot be written.
 * @example
 * writeEvaluation('runs/first/evaluation', evaluation, { ...scores, files });
 */
export function writeEvaluation(folder: string, evaluation: Evaluation, predictions: Predictions): string[] {
  const contents: readonly (readonly [string, string | Uint8Array])[] = [
    ['report.txt', formatReport(evaluation)],
    ['report.json', `${JSON.stringify(evaluation, null, 2)}\n`],
    ['confusion_matrix.png', renderPng(confusionMatrixChart(evaluation))],
    ['per_class_accuracy.png', renderPng(perClassAccuracyChart(evaluation))],
    ['reliability.png', renderPng(reliabilityChart(evaluation))],
    ['predictions.csv', formatPredictions(predictions)],
  ];
  return contents.map(([name, content]) => {
    const path = join(folder, name);
    writeFileAtomic(path, content);
    return path;
  });
}
