/** The example of the public interface runs as it stands, against the compiled package. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { afterAll, expect, it } from 'vitest';

import { ROOT, workshop } from './cli.js';

const { path: folder, remove } = workshop();
afterAll(remove);

it('examples/train.ts trains, evaluates and predicts', async () => {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'mienjs'), 'junction');
  const source = readFileSync(join(ROOT, 'examples', 'train.ts'), 'utf8');
  const compilerOptions = { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 };
  writeFileSync(join(folder, 'train.mjs'), transpileModule(source, { compilerOptions }).outputText);
  const { stdout } = await promisify(execFile)(process.execPath, ['train.mjs'], {
    cwd: folder,
    // It must not go on when the test is given up.
    timeout: 110_000,
  });
  const [accuracy, ...rows] = stdout.trimEnd().split('\n');
  expect(accuracy).toMatch(/^accuracy [01]\.\d{3} on 15 drawn faces$/);
  expect(rows).toHaveLength(15);
  for (const row of rows) expect(row).toMatch(/drawn_\d{5}\.png (happy|neutral|surprise)$/);
}, 120_000);
