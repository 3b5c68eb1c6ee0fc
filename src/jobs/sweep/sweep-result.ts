import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { writeFileAtomic } from '../../core/files.js';
import { mean, standardDeviation } from '../../core/statistics.js';
import { parallelCoordinatesChart } from '../../evaluate/charts/parallel-coordinates.js';
import { renderPng } from '../../evaluate/charts/render.js';
import { formatAblation } from '../../evaluate/sweep/ablation.js';
import { formatSweepMarkdown } from '../../evaluate/sweep/format.js';
import type { SweepResult, SweepRow } from '../../evaluate/sweep/result.js';
import { readCsvLog } from '../../train/log/csv-log.js';
import { isDrawnData } from '../drawn-data.js';
import { runFolder } from '../run-folder.js';
import { epochsOf, type PlannedTrial, type SweepPlan } from './plan.js';
import { ablationOf } from './space.js';
import type { TrialState } from './state.js';

/** A sweep's table out of the trials' states; trials that differ in the seed alone are one row. */
export function resultOf(plan: SweepPlan, states: ReadonlyMap<number, TrialState>): SweepResult {
  const { file, metric, trials } = plan;
  const first = trials[0]?.training.settings;
  const groups = new Map<string, PlannedTrial[]>();
  for (const trial of trials) {
    const key = JSON.stringify(trial.values);
    groups.set(key, [...(groups.get(key) ?? []), trial]);
  }
  const sign = metric === 'valLoss' ? 1 : -1;
  const rows = [...groups.values()].map((group) => rowOf(group, states, plan));
  const place = ({ row, rung }: { row: SweepRow; rung: number }) => [
    -rung,
    row.mean === null ? Infinity : sign * row.mean,
  ];
  return {
    ...{
      version: 1,
      method: file.method,
      metric,
      data: first?.data ?? '',
      drawn: isDrawnData(first?.data ?? ''),
    },
    ...{ recipe: file.recipe, net: file.net },
    parameters: Object.entries(file.parameters).map(([path, domain]) => ({
      path,
      scale: domain.kind === 'choice' ? 'choice' : domain.scale,
    })),
    rungs:
      plan.rungs ??
      [...new Set(trials.map(({ training }) => epochsOf(training.settings.recipe)))].slice(0, 1),
    rows: rows.sort((a, b) => compare(place(a), place(b))).map(({ row }) => row),
    ...(file.method === 'ablation' ? { whole: ablationOf(file.parameters)[0] ?? {} } : {}),
  };
}

/** Writes `sweep.json`, `sweep.md`, `sweep.png`, and `ablation.md` of an ablation. @throws InputError when the folder cannot be written */
export function writeResult(out: string, result: SweepResult): void {
  writeFileAtomic(join(out, 'sweep.json'), `${JSON.stringify(result, null, 2)}\n`);
  writeFileAtomic(join(out, 'sweep.png'), renderPng(parallelCoordinatesChart(result)));
  writeFileAtomic(join(out, 'sweep.md'), formatSweepMarkdown(result));
  if (result.method === 'ablation') writeFileAtomic(join(out, 'ablation.md'), formatAblation(result));
}

function compare(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((value, k) => value !== b[k]);
  return i < 0 ? 0 : (a[i] ?? 0) < (b[i] ?? 0) ? -1 : 1;
}

function rowOf(
  group: readonly PlannedTrial[],
  states: ReadonlyMap<number, TrialState>,
  { rungs }: SweepPlan,
): { row: SweepRow; rung: number } {
  const known = group.flatMap(({ index }) => states.get(index) ?? []);
  const judged = known.filter(({ reached }) => reached.length > 0);
  const rung = judged.length === 0 ? -1 : Math.min(...judged.map(({ reached }) => reached.length)) - 1;
  const values = judged.map(({ reached }) => reached[rung] ?? NaN);
  const logs = group.map(({ training }) => logOf(training.out));
  const reason = known.find(({ status }) => status === 'failed')?.reason;
  const row: SweepRow = {
    values: group[0]?.values ?? {},
    mean: values.length === 0 ? null : mean(values),
    deviation: values.length < 2 ? null : standardDeviation(values),
    n: values.length,
    epochs: Math.max(0, ...logs.map((log) => log.length)),
    seconds: logs.flat().reduce((sum, { seconds }) => sum + seconds, 0),
    status: statusOf(group, known, rungs !== undefined),
    runs: group.map(({ training }) => training.out),
    ...(reason === undefined ? {} : { reason }),
  };
  return { row, rung };
}

function statusOf(
  group: readonly PlannedTrial[],
  known: readonly TrialState[],
  halving: boolean,
): SweepRow['status'] {
  if (known.length === group.length && known.every(({ status }) => status === 'finished')) return 'finished';
  if (known.some(({ status }) => status === 'failed')) return 'failed';
  const resting = known.every(({ status, target }) => status === 'paused' && target === undefined);
  return halving && known.length > 0 && resting ? 'stopped early' : 'unfinished';
}

function logOf(out: string) {
  const { results } = runFolder(out);
  return existsSync(results) ? readCsvLog(results) : [];
}
