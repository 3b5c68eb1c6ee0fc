import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { InputError } from '../../core/errors.js';
import { isRunFolder, runFolder, type RunFolder } from '../../jobs/run-folder.js';
import { settingsOfRun } from '../../jobs/run-settings.js';
import type { TrainSettings } from '../../jobs/settings.js';
import { readCsvLog, type EpochRecord } from '../../train/log/csv-log.js';
import type { Job, RunDetail, RunSummary } from '../api.js';
import { notThere } from '../parts.js';

/** Folders below the folder of runs in which runs are looked for: searches and comparisons keep theirs deeper. */
const DEPTH = 3;

/** Names of all runs below a folder, by their path with `/`, sorted. */
export function listRuns(root: string): string[] {
  return runsBelow(root, '', DEPTH).sort();
}

function runsBelow(root: string, path: string, depth: number): string[] {
  const folder = join(root, path);
  if (path !== '' && isRunFolder(folder)) return [path];
  if (depth === 0 || !existsSync(folder)) return [];
  const folders = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()),
  );
  return folders.flatMap(({ name }) => runsBelow(root, path === '' ? name : `${path}/${name}`, depth - 1));
}

/** The folder of a run of the list. @throws RequestError 404 for any other name, whatever it holds */
export function findRun(root: string, id: string): RunFolder {
  if (!listRuns(root).includes(id)) throw notThere('run', 'a run of the list');
  return runFolder(join(root, id));
}

/** What a list tells of a run; undefined where its settings cannot be read. */
export function summaryOf(root: string, id: string, job: Job | undefined): RunSummary | undefined {
  return detailOf(root, id, job)?.summary;
}

/** A run with its table. @throws RequestError 404 */
export function runDetail(root: string, id: string, job: Job | undefined): RunDetail {
  findRun(root, id);
  const detail = detailOf(root, id, job);
  if (detail === undefined) throw notThere('run', 'a run whose args.yaml can be read');
  return { ...detail.summary, rows: detail.rows, job: job ?? null };
}

function detailOf(
  root: string,
  id: string,
  job: Job | undefined,
): { readonly summary: RunSummary; readonly rows: EpochRecord[] } | undefined {
  const folder = runFolder(join(root, id));
  const settings = readSettings(folder.root);
  if (settings === undefined) return undefined;
  const rows = rowsOf(folder);
  const { recipe, model, data, classes, seed } = settings;
  const summary = {
    ...{ id, state: stateOf(folder, job), recipe: recipe.name, net: model, data, classes, seed },
    epochs: rows.length,
    planned: recipe.stages.reduce((sum, { epochs }) => sum + epochs, 0),
    best: bestOf(rows),
    test: testAccuracy(folder),
    changed: new Date(changedAt(folder)).toISOString(),
  };
  return { summary, rows };
}

function readSettings(root: string): TrainSettings | undefined {
  try {
    return settingsOfRun(root);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** A table that is being begun or replaced reads as empty. */
function rowsOf({ results }: RunFolder): EpochRecord[] {
  try {
    return existsSync(results) ? readCsvLog(results) : [];
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

/** The last weights are written when a training has ended, and not before. */
function stateOf({ last }: RunFolder, job: Job | undefined): RunSummary['state'] {
  if (job?.state === 'running' || job?.state === 'stopping') return job.state;
  return existsSync(last) ? 'finished' : 'stopped';
}

function bestOf(rows: readonly EpochRecord[]): number | null {
  const known = rows.flatMap(({ valAccuracy }) => valAccuracy ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

function testAccuracy({ evaluation }: RunFolder): number | null {
  const path = join(evaluation, 'report.json');
  if (!existsSync(path)) return null;
  try {
    const { accuracy } = JSON.parse(readFileSync(path, 'utf8')) as { accuracy?: unknown };
    return typeof accuracy === 'number' ? accuracy : null;
  } catch {
    return null;
  }
}

function changedAt({ results, args }: RunFolder): number {
  return statSync(existsSync(results) ? results : args).mtimeMs;
}
