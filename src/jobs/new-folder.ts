import { mkdirSync, readdirSync } from 'node:fs';

import { InputError, messageOf } from '../core/errors.js';

/**
 * Makes a folder for results, which must not hold anything yet.
 * @throws InputError when it does, or cannot be made
 */
export function makeNewFolder(where: string, path: string): void {
  let found: readonly string[];
  try {
    mkdirSync(path, { recursive: true });
    found = readdirSync(path);
  } catch (error) {
    const received = `"${messageOf(error)}" while making ${path}`;
    throw new InputError({ where, received, expected: 'a folder that can be written' }, { cause: error });
  }
  if (found.length === 0) return;
  const received = `the folder ${path}, which is not empty`;
  throw new InputError({ where, received, expected: 'a new or empty folder', remedy: 'choose another name' });
}
