import { readFileSync } from 'node:fs';

import { gunzipSync, strFromU8 } from 'fflate';

import { InputError, messageOf } from '../core/errors.js';
import { parseVotes, type Votes } from '../data/votes.js';

/**
 * Reads a CSV file of votes, also as `.gz`.
 * @param where the option that names the file, for messages
 * @throws InputError when it cannot be read or holds something else
 */
export function readVotes(where: string, path: string): Votes {
  return parseVotes(path, readText(where, path));
}

function readText(where: string, path: string): string {
  try {
    const bytes = readFileSync(path);
    return path.endsWith('.gz') ? strFromU8(gunzipSync(bytes)) : bytes.toString('utf8');
  } catch (error) {
    const received = `"${path}" (${messageOf(error)})`;
    throw new InputError(
      { where, received, expected: 'a readable CSV file of votes, also as .gz' },
      { cause: error },
    );
  }
}
