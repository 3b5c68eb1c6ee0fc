import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { createEvaluation } from '../../evaluate/evaluation.js';
import { formatPredictions } from '../../evaluate/predictions.js';
import { saveKeras } from '../../export/keras/archive.js';
import { openCsvLog, type EpochRecord } from '../../train/log/csv-log.js';
import { answerFiles } from '../compare-runs.js';
import { startingModel } from '../starting-model.js';
import { runFolder, type RunFolder } from '../run-folder.js';
import { formatSettings, type TrainSettings } from '../settings.js';

/** Answers to `n` images of the first two classes in turn, of which those in `wrong` are wrong. */
export interface FakeAnswers {
  readonly n: number;
  readonly wrong: readonly number[];
}

/** A row of results.csv. */
export function epochOf(epoch: number, change: Partial<EpochRecord> = {}): EpochRecord {
  const figures = { accuracy: 0.5, macroAccuracy: null, valLoss: 1, valMacroAccuracy: 0.5 };
  const speed = { lr: 1e-3, seconds: 10, imagesPerSecond: 80 };
  return { epoch, stage: 1, loss: 1, ...figures, valAccuracy: epoch / 10, ...speed, ...change };
}

/** Writes `args.yaml`, as a training does first of all. */
export function beginRun(root: string, settings: TrainSettings): RunFolder {
  const folder = runFolder(root);
  mkdirSync(join(root, 'weights'), { recursive: true });
  writeFileSync(folder.args, formatSettings(settings, { mien: 'test', node: 'test', runtime: 'test' }));
  return folder;
}

/** Writes what a comparison reads of a finished run, with untrained weights. */
export async function writeRun(
  root: string,
  settings: TrainSettings,
  answers: Readonly<Partial<Record<'test' | 'validation', FakeAnswers>>>,
): Promise<RunFolder> {
  const folder = beginRun(root, settings);
  const { model } = await startingModel(settings, {});
  for (const path of [folder.best, folder.last]) await saveKeras(path, model);
  const log = openCsvLog(folder.results);
  for (const epoch of [1, 2]) log.append(epochOf(epoch));
  for (const split of ['validation', 'test'] as const) {
    const given = answers[split];
    if (given !== undefined) writeAnswers(answerFiles(folder)[split], split, settings.classes, given);
  }
  return folder;
}

function writeAnswers(
  path: string,
  split: string,
  classes: readonly string[],
  { n, wrong }: FakeAnswers,
): void {
  const labels = Int32Array.from({ length: n }, (_, i) => i % 2);
  const answer = (i: number) => (wrong.includes(i) ? 1 - (i % 2) : i % 2);
  const rows = Array.from({ length: n }, (_, i) => classes.map((_, k) => (k === answer(i) ? 1 : 0)));
  const scores = { labels, classes, probabilities: Float32Array.from(rows.flat()) };
  mkdirSync(dirname(path), { recursive: true });
  const files = Array.from({ length: n }, (_, i) => `${split}/${i}.png`);
  writeFileSync(path, formatPredictions({ ...scores, files }));
  const evaluation = createEvaluation({ split, flip: false, scores });
  writeFileSync(join(dirname(path), 'report.json'), JSON.stringify(evaluation));
}
