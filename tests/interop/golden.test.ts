import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { inFolder, runPython } from './oracle.js';

const golden = (file: string) => fileURLToPath(new URL(`../golden/${file}`, import.meta.url));

/** Every leaf of a JSON document with its path. */
function leaves(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, `${path}/${key}`));
}

describe('golden files are what their scripts make', () => {
  it.each(['losses', 'optimizers', 'schedules'])('%s', async (name) => {
    const made = await inFolder((folder) => {
      copyFileSync(golden(`${name}.py`), join(folder, `${name}.py`));
      runPython(join(folder, `${name}.py`), []);
      return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as unknown;
    });
    const kept = leaves(JSON.parse(readFileSync(golden(`${name}.json`), 'utf8')));
    const fresh = new Map(leaves(made));
    expect([...fresh.keys()].sort()).toEqual(kept.map(([path]) => path).sort());
    for (const [path, value] of kept) {
      // Versions may differ; numbers are float64 and may differ by the order of sums.
      if (typeof value === 'number') expect(Number(fresh.get(path)), path).toBeCloseTo(value, 7);
      else if (!/^\/(keras|tensorflow)$/.test(path)) expect(fresh.get(path), path).toBe(value);
    }
  });
});
