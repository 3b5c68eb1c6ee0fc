import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { writeFileAtomic } from '../core/files.js';
import { isJsonObject } from '../layers/json.js';
import { parseJson } from '../export/keras/mien-record.js';
import { sha256Of } from './sha256.js';

/** Stages of a compilation in their order. */
export const COMPILE_STAGES = ['parse', 'optimize', 'check', 'compile'] as const;

/** One of {@link COMPILE_STAGES}. */
export type CompileStage = (typeof COMPILE_STAGES)[number];

/** What is remembered of a finished stage. */
export interface FinishedStage {
  readonly seconds: number;
  /** SHA-256 of what it made, by path inside the folder. */
  readonly files: Readonly<Record<string, string>>;
  /** Warnings of the compiler worth repeating. */
  readonly warnings: readonly string[];
  /** Optimize: the level that worked. */
  readonly optimizationLevel?: number;
}

/** What `compile.json` holds: enough to go on after a failure. */
export interface CompileState {
  readonly version: 1;
  /** Digest of what the results depend on; another one starts over. */
  readonly key: string;
  readonly stages: Readonly<Partial<Record<CompileStage, FinishedStage>>>;
}

const FILE = 'compile.json';

/** The state of a folder, or a new one where there is none or it belongs to other input. */
export function readState(
  folder: string,
  key: string,
): { readonly state: CompileState; readonly stale: boolean } {
  const path = join(folder, FILE);
  const fresh: CompileState = { version: 1, key, stages: {} };
  if (!existsSync(path)) return { state: fresh, stale: false };
  const json = parseJson(path, readFileSync(path, 'utf8'));
  if (!isJsonObject(json) || json['version'] !== 1 || json['key'] !== key)
    return { state: fresh, stale: true };
  return { state: json as unknown as CompileState, stale: false };
}

/** Adds a finished stage and writes the state; later stages are forgotten. */
export function finishStage(
  folder: string,
  state: CompileState,
  stage: CompileStage,
  finished: FinishedStage,
): CompileState {
  const kept = COMPILE_STAGES.slice(0, COMPILE_STAGES.indexOf(stage));
  const earlier = Object.fromEntries(
    kept.flatMap((name) => (state.stages[name] === undefined ? [] : [[name, state.stages[name]]])),
  );
  const next: CompileState = { ...state, stages: { ...earlier, [stage]: finished } };
  writeFileAtomic(join(folder, FILE), `${JSON.stringify(next, null, 2)}\n`);
  return next;
}

/** Whether a stage is finished and what it made is still there, unchanged. */
export function isFinished(folder: string, { stages }: CompileState, stage: CompileStage): boolean {
  const finished = stages[stage];
  if (finished === undefined) return false;
  return Object.entries(finished.files).every(([file, digest]) => {
    const path = join(folder, file);
    return existsSync(path) && sha256Of(path) === digest;
  });
}
