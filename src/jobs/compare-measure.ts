import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

import { InputError, messageOf } from '../core/errors.js';
import { median } from '../core/statistics.js';
import { parseAnswers, type Answers } from '../evaluate/compare/answers.js';
import type { ComparedRun, SplitFigures } from '../evaluate/compare/comparison.js';
import type { MeasuredModel } from '../evaluate/compare/create.js';
import type { Evaluation } from '../evaluate/evaluation.js';
import { loadKeras } from '../export/keras/archive.js';
import { macsOf } from '../models/macs.js';
import { countParameters, type Model } from '../models/model.js';
import { readCsvLog, type EpochRecord } from '../train/log/csv-log.js';
import type { Monitor } from '../train/recipe.js';
import { answerFiles, type OpenRun } from './compare-runs.js';

/** A row of the comparison before its latency is measured. */
export interface Candidate {
  readonly model: Model;
  readonly measured: Omit<MeasuredModel, 'latency'>;
  /** Whether one of its evaluations averaged over mirror images. */
  readonly flip: boolean;
}

/**
 * Runs that differ in nothing but the seed, together: the rows of a comparison, in order of appearance.
 */
export function groupRuns(runs: readonly OpenRun[]): OpenRun[][] {
  const groups = new Map<string, OpenRun[]>();
  for (const run of runs) {
    const { seed: _seed, fast: _fast, ...decisive } = run.settings;
    const key = JSON.stringify(decisive);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()];
}

/** A name for each row: the net, with the first run's folder where several rows have the same net. */
export function namesOf(groups: readonly (readonly OpenRun[])[]): string[] {
  const net = ([first]: readonly OpenRun[]) => first?.settings.model ?? '';
  const root = ([first]: readonly OpenRun[]) => first?.folder.root ?? '';
  const ways = [
    net,
    (g: readonly OpenRun[]) => `${net(g)} (${basename(root(g))})`,
    (g: readonly OpenRun[]) => `${net(g)} (${root(g)})`,
  ];
  const attempts = ways.map((way) => groups.map(way));
  return groups.map((_, i) => {
    const unique = attempts.find((names) => names.filter((name) => name === names[i]).length === 1);
    return (unique ?? attempts.at(-1) ?? [])[i] ?? '';
  });
}

/**
 * Reads everything that a finished run's folder says, and its model.
 * @throws InputError when a file is missing or damaged
 */
export async function readCandidate(name: string, runs: readonly OpenRun[]): Promise<Candidate> {
  const [first] = runs;
  if (first === undefined) throw new RangeError(`no run for "${name}"`);
  const { settings, folder } = first;
  const { recipe } = settings;
  const model = await loadKeras(folder.best);
  const read = runs.map(readRun);
  return {
    model,
    flip: read.some(({ flip }) => flip),
    measured: {
      name,
      net: settings.model,
      weights: settings.weights,
      recipe: recipe.name,
      inputSize: recipe.inputSize,
      batchSize: recipe.batchSize,
      parameters: countParameters(model.graph),
      macs: macsOf(model.graph).total,
      bytes: statSync(folder.best).size,
      runs: read.map(({ run }) => run),
      answers: answersOf(first),
    },
  };
}

function answersOf({ folder }: OpenRun): MeasuredModel['answers'] {
  const files = answerFiles(folder);
  const read = (path: string): Answers | undefined =>
    existsSync(path) ? parseAnswers(readFileSync(path, 'utf8'), path) : undefined;
  return { validation: read(files.validation), test: read(files.test) };
}

function readRun({ folder, settings }: OpenRun): { run: ComparedRun; flip: boolean } {
  const rows = readCsvLog(folder.results);
  const test = readReport(join(folder.evaluation, 'report.json'));
  const validation = readReport(join(folder.evaluation, 'validation', 'report.json'));
  const { recipe, seed } = settings;
  const bestEpoch = bestEpochOf(rows, recipe.monitor);
  const run: ComparedRun = {
    folder: folder.root,
    seed,
    validation: figuresOf(validation),
    test: figuresOf(test),
    epochs: rows.length,
    bestEpoch,
    stepMilliseconds: stepMilliseconds(rows, recipe.batchSize),
    secondsToBest: bestEpoch === null ? null : secondsUpTo(rows, bestEpoch),
  };
  return { run, flip: [test, validation].some((report) => report?.flip === true) };
}

function readReport(path: string): Evaluation | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Partial<Evaluation> | null;
    if (typeof report?.accuracy === 'number' && Array.isArray(report.interval)) return report as Evaluation;
  } catch (error) {
    const received = `"${messageOf(error)}"`;
    throw new InputError(
      { where: path, received, expected: 'the report of an evaluation' },
      { cause: error },
    );
  }
  throw new InputError({ where: path, received: 'other content', expected: 'the report of an evaluation' });
}

function figuresOf(report: Evaluation | undefined): SplitFigures | null {
  if (report === undefined) return null;
  const { n, accuracy, interval, macroAccuracy } = report;
  return { n, accuracy, interval, macroAccuracy };
}

/** Rows of the stage that ended last: the weights that were kept come from it. */
function lastStage(rows: readonly EpochRecord[]): EpochRecord[] {
  return rows.filter(({ stage }) => stage === rows.at(-1)?.stage);
}

/** The epoch whose weights a training kept: the first of the best, or the last where nothing was held out. */
export function bestEpochOf(rows: readonly EpochRecord[], monitor: Monitor): number | null {
  const candidates = lastStage(rows);
  const gain = (row: EpochRecord): number | null => {
    const value = row[monitor];
    return value === null || monitor !== 'valLoss' ? value : -value;
  };
  let best: EpochRecord | undefined;
  for (const row of candidates) {
    const value = gain(row);
    if (value === null) continue;
    if (best === undefined || value > (gain(best) ?? -Infinity)) best = row;
  }
  return (best ?? candidates.at(-1))?.epoch ?? null;
}

/** Milliseconds of one step: the batch by the median rate of the last stage's epochs. */
export function stepMilliseconds(rows: readonly EpochRecord[], batchSize: number): number | null {
  const rates = lastStage(rows).flatMap(({ imagesPerSecond }) =>
    imagesPerSecond > 0 ? [imagesPerSecond] : [],
  );
  return rates.length === 0 ? null : (1000 * batchSize) / median(rates);
}

function secondsUpTo(rows: readonly EpochRecord[], epoch: number): number {
  return rows.filter((row) => row.epoch <= epoch).reduce((sum, { seconds }) => sum + seconds, 0);
}
