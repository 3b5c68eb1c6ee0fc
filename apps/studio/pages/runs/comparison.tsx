import { useEffect, useState } from 'preact/hooks';

import type { EpochRecord, RunDetail } from '../../../../src/studio/api.js';
import { get } from '../../parts/client.js';
import { LineChart } from '../../parts/line-chart.js';
import { t } from '../../text/index.js';
import { METRICS, pointsOf, type Metric } from './metrics.js';

/** Milliseconds between two looks at the compared runs. */
const EVERY = 3000;

/** One figure of several runs over their epochs. */
export function Comparison({ runs }: { readonly runs: readonly string[] }) {
  const [metric, setMetric] = useState<Metric>('valAccuracy');
  const tables = useTables(runs);
  const series = runs.map((name) => ({ name, points: pointsOf(tables.get(name) ?? [], metric) }));
  return (
    <section class="panel" aria-labelledby="runs-comparison">
      <h2 id="runs-comparison">{t('runs.comparison')}</h2>
      <label>
        {t('runs.figure')}
        <select value={metric} onChange={({ currentTarget }) => setMetric(currentTarget.value as Metric)}>
          {METRICS.map((name) => (
            <option key={name} value={name}>
              {t(`metric.${name}`)}
            </option>
          ))}
        </select>
      </label>
      <LineChart
        title={t(`metric.${metric}`)}
        xLabel={t('runs.epoch')}
        yLabel={t(`metric.${metric}`)}
        series={series}
      />
    </section>
  );
}

/** The tables of some runs, looked at again and again. */
function useTables(runs: readonly string[]): ReadonlyMap<string, readonly EpochRecord[]> {
  const [tables, setTables] = useState<ReadonlyMap<string, readonly EpochRecord[]>>(new Map());
  const key = runs.join('\n');
  useEffect(() => {
    const load = () => {
      const wanted = key
        .split('\n')
        .map(async (run) => [run, (await get<RunDetail>('/run', { run })).rows] as const);
      // A run that was removed meanwhile keeps the lines that are drawn.
      Promise.all(wanted).then(
        (rows) => setTables(new Map(rows)),
        () => undefined,
      );
    };
    load();
    const timer = setInterval(load, EVERY);
    return () => clearInterval(timer);
  }, [key]);
  return tables;
}
