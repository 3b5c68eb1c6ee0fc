/** Runs the compiled command line as a person does, on a few drawn faces. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { writeDrawnFaces } from '../../src/data/draw/write.js';
import { loadKeras } from '../../src/export/keras/archive.js';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = join(ROOT, 'dist', 'apps', 'cli', 'main.js');

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs; `result` resolves when it ends. */
export interface Running {
  readonly child: ChildProcess;
  readonly result: Promise<Result>;
  /** Everything on stderr so far. */
  stderr(): string;
}

export function start(args: readonly string[], { cwd = ROOT }: { cwd?: string } = {}): Running {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run "npm test", which builds first`);
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const result = new Promise<Result>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, result, stderr: () => stderr };
}

export function mien(...args: readonly string[]): Promise<Result> {
  return start(args).result;
}

/** Resolves when the condition holds; rejects when the command ends before. */
export async function until({ result }: Running, condition: () => boolean): Promise<void> {
  let ended: Result | undefined;
  void result.then((outcome) => (ended = outcome));
  while (!condition()) {
    if (ended !== undefined) throw new Error(`ended too early: ${ended.stderr}${ended.stdout}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A temporary folder that is gone after `remove`. */
export function workshop(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'mien-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export const CLASSES = ['angry', 'happy', 'surprise'];

/** Sixty faces to train on and fifteen to test, always the same. */
export async function drawData(out: string): Promise<string> {
  await writeDrawnFaces({ out, train: 60, test: 15, classes: CLASSES, seed: 7 });
  return out;
}

/** Settings with which a training takes a few seconds. */
export const TINY = [
  ...['--classes', CLASSES.join(','), '--recipe', 'drawn', '--weights', 'none'],
  ...['--input-size', '32', '--batch-size', '8', '--epochs', '2,2'],
];

/** A run's rows without what the clock decides. */
export function rowsOf(run: string): string[] {
  const lines = readFileSync(join(run, 'results.csv'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => line.split(',').slice(0, -2).join(','));
}

/** A run's best weights, by name. */
export async function weightsOf(run: string): Promise<ReadonlyMap<string, Float32Array>> {
  return (await loadKeras(join(run, 'weights', 'best_model_float32.keras'))).weights;
}
