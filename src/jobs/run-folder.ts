import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { InputError, messageOf } from '../core/errors.js';

/** Paths inside a run folder. */
export interface RunFolder {
  readonly root: string;
  /** Every setting, resolved. */
  readonly args: string;
  /** A row per epoch. */
  readonly results: string;
  /** A picture of the rows. */
  readonly curves: string;
  readonly best: string;
  readonly last: string;
  readonly checkpoint: string;
  readonly evaluation: string;
}

/** The paths of a run. */
export function runFolder(root: string): RunFolder {
  return {
    root,
    args: join(root, 'args.yaml'),
    results: join(root, 'results.csv'),
    curves: join(root, 'results.png'),
    best: join(root, 'weights', 'best_model_float32.keras'),
    last: join(root, 'weights', 'last.keras'),
    checkpoint: join(root, 'checkpoint', 'state.safetensors'),
    evaluation: join(root, 'evaluation'),
  };
}

/**
 * Makes the folder of a new run.
 * @throws InputError when it holds something already or cannot be written
 */
export function createRunFolder(root: string): RunFolder {
  try {
    mkdirSync(root, { recursive: true });
    if (readdirSync(root).length > 0) throw notEmpty(root);
    mkdirSync(join(root, 'weights'));
  } catch (error) {
    if (error instanceof InputError) throw error;
    const received = `"${messageOf(error)}" while making ${root}`;
    const expected = 'a folder that can be written';
    throw new InputError({ where: '--out', received, expected }, { cause: error });
  }
  return runFolder(root);
}

function notEmpty(root: string): InputError {
  return new InputError({
    where: '--out',
    received: `the folder ${root}, which is not empty`,
    expected: 'a new or empty folder',
    remedy: `go on with "mien train --resume ${root}" or choose another name`,
  });
}

/** The folder of an existing run, which `where` named. @throws InputError when it is none */
export function openRunFolder(root: string, where = '--resume'): RunFolder {
  const folder = runFolder(root);
  if (existsSync(folder.args)) return folder;
  throw new InputError({
    where,
    received: existsSync(root) ? `the folder ${root} without args.yaml` : `no folder ${root}`,
    expected: 'the folder of a training run',
    remedy: 'name a folder that "mien train" made',
  });
}

/** Whether a path is a run folder. */
export function isRunFolder(path: string): boolean {
  return existsSync(join(path, 'args.yaml'));
}

/** The text of a run's args.yaml. */
export function readArgs(folder: RunFolder): string {
  return readFileSync(folder.args, 'utf8');
}

/** The first free name among `name`, `name-2`, `name-3`, … below a folder. */
export function freeRunName(parent: string, name: string): string {
  for (let i = 1; ; i++) {
    const path = join(parent, i === 1 ? name : `${name}-${i}`);
    if (!existsSync(path)) return path;
  }
}
