import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';

import { InputError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { accuracyLatencyChart } from '../evaluate/charts/accuracy-latency.js';
import { renderPng } from '../evaluate/charts/render.js';
import type { Comparison, Machine } from '../evaluate/compare/comparison.js';
import { createComparison } from '../evaluate/compare/create.js';
import { formatComparisonMarkdown } from '../evaluate/compare/format.js';
import type { Runtime } from '../runtime/session.js';
import { groupRuns, namesOf, readCandidate, type Candidate } from './compare-measure.js';
import { resolveComparison, type CompareOptions } from './compare-options.js';
import { openFinishedRun, type OpenRun } from './compare-runs.js';
import { trainAll, type Train } from './compare-train.js';
import { isDrawnData } from './drawn-data.js';
import type { JobHooks } from './events.js';
import { measureLatencies } from './latency.js';
import { trainInThread } from './train-thread.js';

/** What a comparison needs beside its options. */
export interface CompareEnvironment {
  /** Measures latency. */
  readonly runtime: Runtime;
  /** Runs a training; default `trainInThread`. */
  readonly train?: Train;
}

/** What a comparison leaves. */
export interface CompareOutcome {
  /** False when asked to stop; the same options go on from there. */
  readonly finished: boolean;
  readonly out: string;
  /** Once finished. */
  readonly comparison?: Comparison;
}

/**
 * Trains nets or takes trained runs, and puts them side by side: accuracy with intervals, size, multiply–
 * accumulates, speed of training and of inference, and McNemar's test of every pair.
 *
 * Writes `comparison.json`, `comparison.md` and `comparison.png` into `out`, and the runs that it trains into
 * `out/<net>-seed<seed>`. Given again, it takes over what is finished and goes on with what is not.
 *
 * @throws InputError when a net, a run, the data or their classes do not fit
 * @example
 * const { comparison } = await compareJob(
 *   { models: ['mobileNetV3Small', 'densenet121'], data: 'fer2013', seeds: [1, 2, 3] },
 *   { runtime: ortNode() },
 * );
 */
export async function compareJob(
  options: CompareOptions,
  { runtime, train = trainInThread }: CompareEnvironment,
  hooks: JobHooks = {},
): Promise<CompareOutcome> {
  const { out, trainings, runs } = resolveComparison(options);
  // Before hours of training: runs that cannot be compared with what is to be trained.
  const taken = runs.map(openFinishedRun);
  checkClasses([...trainings.map((one) => ({ root: one.out, ...one.settings })), ...taken.map(classesOf)]);
  if (!(await trainAll(trainings, train, hooks))) return { finished: false, out };
  const all = [...trainings.map((training) => openFinishedRun(training.out)), ...taken];
  const comparison = await measure(all, runtime, hooks);
  if (comparison === undefined) return { finished: false, out };
  write(out, comparison);
  return { finished: true, out, comparison };
}

function classesOf({ folder, settings }: OpenRun) {
  return { root: folder.root, classes: settings.classes };
}

/** Accuracies of different tasks say nothing about each other. */
function checkClasses(runs: readonly { readonly root: string; readonly classes: readonly string[] }[]): void {
  const [first, ...rest] = runs;
  const list = (classes: readonly string[]) => [...classes].sort().join(', ');
  const other = rest.find(({ classes }) => list(classes) !== list(first?.classes ?? []));
  if (first === undefined || other === undefined) return;
  throw new InputError({
    where: other.root,
    received: `a run with the classes ${other.classes.join(', ')}`,
    expected: `those of ${first.root} (${first.classes.join(', ')})`,
    remedy: 'compare runs that know the same classes',
  });
}

async function measure(
  runs: readonly OpenRun[],
  runtime: Runtime,
  hooks: JobHooks,
): Promise<Comparison | undefined> {
  const groups = groupRuns(runs);
  const names = namesOf(groups);
  const candidates: Candidate[] = [];
  for (const [i, group] of groups.entries()) candidates.push(await readCandidate(names[i] ?? '', group));
  const models = candidates.map(({ model }) => model);
  const latencies = await measureLatencies(runtime, models, hooks);
  if (latencies === undefined) return undefined;
  const settings = runs.map((run) => run.settings);
  return createComparison({
    classes: settings[0]?.classes ?? [],
    drawn: settings.some(({ data }) => isDrawnData(data)),
    machine: machineOf(runtime),
    models: candidates.map(({ measured }, i) => ({ ...measured, latency: latencies[i] ?? null })),
    notes: notesOn(candidates, new Set(settings.map(({ data }) => data))),
  });
}

function machineOf(runtime: Runtime): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    threads: availableParallelism(),
    runtime: runtime.name,
    node: process.versions.node,
  };
}

function notesOn(candidates: readonly Candidate[], data: ReadonlySet<string>): string[] {
  const flipped = candidates.filter(({ flip }) => flip).map(({ measured }) => measured.name);
  return [
    ...(data.size > 1
      ? [`Runs name different data (${[...data].join(', ')}); images are joined by their names.`]
      : []),
    ...(flipped.length > 0
      ? [`Evaluated by the mean over the picture and its mirror image: ${flipped.join(', ')}.`]
      : []),
  ];
}

function write(out: string, comparison: Comparison): void {
  writeFileAtomic(join(out, 'comparison.json'), `${JSON.stringify(comparison, null, 2)}\n`);
  writeFileAtomic(join(out, 'comparison.png'), renderPng(accuracyLatencyChart(comparison)));
  writeFileAtomic(join(out, 'comparison.md'), formatComparisonMarkdown(comparison));
}
