import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestProject } from 'vitest/node';

import { drawData, mien, TINY } from '../../end-to-end/cli.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder with `data` (drawn faces) and `runs/tiny` (a finished run). */
    workshop: string;
  }
}

/** Draws faces and trains a tiny run once for all tests of the studio. */
export default async function prepare(project: TestProject): Promise<() => void> {
  const given = process.env['MIEN_STUDIO_WORKSHOP'];
  if (given !== undefined) {
    project.provide('workshop', given);
    return () => undefined;
  }
  const workshop = mkdtempSync(join(tmpdir(), 'mien-studio-'));
  await fill(workshop);
  project.provide('workshop', workshop);
  return () => rmSync(workshop, { recursive: true, force: true });
}

/** Data and a run. */
export async function fill(workshop: string): Promise<void> {
  const data = await drawData(join(workshop, 'data'));
  const out = join(workshop, 'runs', 'tiny');
  const { code, stderr } = await mien(
    'train',
    '--data',
    data,
    '--out',
    out,
    ...TINY,
    '--cache-dir',
    join(workshop, 'cache'),
  );
  if (code !== 0) throw new Error(stderr);
}
