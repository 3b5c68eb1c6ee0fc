import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { InputError } from '../core/errors.js';
import { isCsv } from '../data/load.js';
import { isRunFolder, readArgs, runFolder, type RunFolder } from './run-folder.js';
import { holdsOut } from './split-images.js';
import { formatSettings, parseSettings, type TrainSettings } from './settings.js';

/** A run folder with its settings. */
export interface OpenRun {
  readonly folder: RunFolder;
  readonly settings: TrainSettings;
}

/** Whether a run folder must be trained, gone on with, or only read. */
export type RunState = 'new' | 'unfinished' | 'finished';

/** Paths of a run's answers by part; the last files that an evaluation writes. */
export function answerFiles({ evaluation }: RunFolder) {
  return {
    test: join(evaluation, 'predictions.csv'),
    validation: join(evaluation, 'validation', 'predictions.csv'),
  } as const;
}

/** Opens a run folder that need not be finished. @throws InputError when it is none */
export function openRun(root: string): OpenRun {
  const folder = runFolder(root);
  if (!isRunFolder(root)) {
    throw new InputError({
      where: root,
      received: existsSync(root) ? 'a folder without args.yaml' : 'no such folder',
      expected: 'the folder of a training run',
      remedy: 'name a folder that "mien train" made',
    });
  }
  return { folder, settings: parseSettings(readArgs(folder), folder.args) };
}

/** Opens a finished run. @throws InputError when it is none */
export function openFinishedRun(root: string): OpenRun {
  const run = openRun(root);
  if (isFinished(run)) return run;
  throw new InputError({
    where: root,
    received: 'a run that has not ended',
    expected: 'a finished run with its evaluation',
    remedy: `finish it with "mien train --resume ${root}"`,
  });
}

/**
 * Where the run of some settings stands. What a run writes before it learns anything is removed.
 * @throws InputError when the folder holds a run of other settings, or only parts of one
 */
export function stateOf(root: string, wanted: TrainSettings): RunState {
  if (!isRunFolder(root)) return 'new';
  const run = openRun(root);
  checkSettings(run, wanted);
  if (isFinished(run)) return 'finished';
  if (existsSync(run.folder.checkpoint)) return 'unfinished';
  if (existsSync(run.folder.best)) throw withoutCheckpoint(root);
  removeBeginnings(run.folder);
  return 'new';
}

/** Removes a run's first files and nothing else: whatever a person put beside them stays, and is refused later. */
function removeBeginnings({ root, args, results, curves }: RunFolder): void {
  const events = readdirSync(root).filter((name) => name.startsWith('events.out.tfevents.'));
  const files = [args, results, curves, ...events.map((name) => join(root, name))];
  for (const file of files) rmSync(file, { force: true });
  for (const name of ['weights', 'checkpoint']) {
    const folder = join(root, name);
    if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
  }
}

function isFinished({ folder, settings }: OpenRun): boolean {
  if (!existsSync(folder.best) || !existsSync(folder.last)) return false;
  const { test, validation } = answerFiles(folder);
  if (existsSync(test)) return true;
  const withoutTest = !isCsv(settings.data) && !existsSync(join(settings.data, 'test'));
  return withoutTest && (!holdsOut(settings.recipe) || existsSync(validation));
}

function withoutCheckpoint(root: string): InputError {
  return new InputError({
    where: root,
    received: 'a model without the checkpoint to go on from or the evaluation of a finished run',
    expected: 'a whole run folder',
    remedy: 'remove the folder to train anew, or choose another --out',
  });
}

/** Kernels change nothing that a comparison is about. */
function checkSettings({ folder, settings }: OpenRun, wanted: TrainSettings): void {
  const versions = { mien: '', node: '', runtime: '' };
  // Written and read again, so that fields that YAML drops are gone on both sides.
  const expected = parseSettings(formatSettings({ ...wanted, fast: settings.fast }, versions), folder.args);
  const field = firstDifference(settings, expected);
  if (field === undefined) return;
  throw new InputError({
    where: folder.root,
    received: `a run with another ${field}`,
    expected: 'one with the settings of this comparison',
    remedy: 'choose another --out, remove the folder, or take the run as it is with --runs',
  });
}

/** The dotted path of the first field in which two plain values differ. */
function firstDifference(a: unknown, b: unknown, path = ''): string | undefined {
  if (isDeepStrictEqual(a, b)) return undefined;
  if (!isRecord(a) || !isRecord(b)) return path;
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const inner = names.map((name) =>
    firstDifference(a[name], b[name], path === '' ? name : `${path}.${name}`),
  );
  return inner.find((found) => found !== undefined) ?? path;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
