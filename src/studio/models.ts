import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { runFolder } from '../jobs/run-folder.js';
import type { ModelChoice } from './api.js';
import { notThere, type StudioParts } from './parts.js';
import { listRuns } from './runs/list-runs.js';

/** Given models, then runs that have weights. */
export function modelChoices({ models, runs }: Pick<StudioParts, 'models' | 'runs'>): ModelChoice[] {
  const trained = listRuns(runs).filter((id) => existsSync(runFolder(join(runs, id)).best));
  return [
    ...models.map((id) => ({ id, kind: 'given' as const })),
    ...trained.map((id) => ({ id: `run:${id}`, kind: 'run' as const })),
  ];
}

/** What the command line calls a model of the list. @throws RequestError 404 for any other */
export function modelSource(parts: Pick<StudioParts, 'models' | 'runs'>, id: string): string {
  const found = modelChoices(parts).find((choice) => choice.id === id);
  if (found === undefined) throw notThere('model', 'a model of the list');
  return found.kind === 'given' ? id : join(parts.runs, id.slice('run:'.length));
}
