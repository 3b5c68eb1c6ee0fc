import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parseCsv } from '../../evaluate/csv.js';
import { LEAKED_FILE } from '../../evaluate/write.js';
import type { Sample } from '../api.js';

/** The rows of an evaluation's predictions.csv, copies of training pictures marked. */
export function readSamples(folder: string, classes: readonly string[]): Sample[] {
  const path = join(folder, 'predictions.csv');
  if (!existsSync(path)) return [];
  const leaked = readLeaked(folder);
  const [header = [], ...rows] = parseCsv(path, readFileSync(path, 'utf8'));
  const columns = classes.map((name) => header.indexOf(`p_${name}`));
  return rows.map(([file = '', label = '', predicted = '', ...cells]) => ({
    file,
    label: classes.indexOf(label),
    predicted: classes.indexOf(predicted),
    // The first three columns are taken off.
    probabilities: columns.map((column) => Number(cells[column - 3] ?? NaN)),
    leaked: leaked?.has(file) ?? null,
  }));
}

function readLeaked(folder: string): ReadonlySet<string> | undefined {
  const path = join(folder, LEAKED_FILE);
  if (!existsSync(path)) return undefined;
  return new Set(readFileSync(path, 'utf8').split('\n'));
}
