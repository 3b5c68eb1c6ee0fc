import { useState } from 'preact/hooks';

import type { EpochRecord, Job, RunDetail } from '../../../../src/studio/api.js';
import { messageOf, post, useAnswer } from '../../parts/client.js';
import { LineChart } from '../../parts/line-chart.js';
import { Answer, JobView, Problem } from '../../parts/states.js';
import { percent, t } from '../../text/index.js';
import { pointsOf } from './metrics.js';

interface DetailsProps {
  readonly run: string;
  readonly onChange: () => void;
}

/** One run: its curves while it trains, and what can be done with it. */
export function RunDetails({ run, onChange }: DetailsProps) {
  const loaded = useAnswer<RunDetail | null>('/run', { run }, 1);
  const job = useAnswer<Job | null>('/runs/job', { run }, 1);
  return (
    <section class="panel" aria-labelledby="run-details">
      <h2 id="run-details">{run}</h2>
      <Answer loaded={loaded}>
        {(detail) =>
          detail === null ? (
            <Beginning run={run} job={job.data ?? null} onChange={onChange} />
          ) : (
            <Details detail={detail} onChange={onChange} />
          )
        }
      </Answer>
    </section>
  );
}

/** A training that reads its pictures, and has no folder yet. */
function Beginning({ run, job, onChange }: DetailsProps & { readonly job: Job | null }) {
  if (job === null) return null;
  return (
    <>
      <Actions run={run} job={job} state={job.state} onChange={onChange} />
      <JobView job={job} />
    </>
  );
}

function Details({ detail, onChange }: { readonly detail: RunDetail; readonly onChange: () => void }) {
  const { rows, job } = detail;
  return (
    <>
      <p>
        {t('runs.summary', {
          state: t(`state.${detail.state}`),
          epochs: detail.epochs,
          planned: detail.planned,
          best: percent(detail.best),
        })}
      </p>
      <Actions run={detail.id} job={job} state={detail.state} onChange={onChange} />
      <p class="soft">
        {t('runs.about', { data: detail.data, classes: detail.classes.join(', '), seed: detail.seed })}
      </p>
      {rows.length === 0 ? <p class="soft">{t('runs.noRows')}</p> : <Curves rows={rows} />}
      {job !== null && <JobView job={job} />}
      {rows.length > 0 && <Rows rows={rows} />}
    </>
  );
}

function Actions({
  run,
  job,
  state,
  onChange,
}: {
  readonly run: string;
  readonly job: Job | null;
  readonly state: string;
  readonly onChange: () => void;
}) {
  const [problem, setProblem] = useState<string>();
  const act = (path: string, body: object) => {
    post<Job>(path, body).then(
      () => {
        setProblem(undefined);
        onChange();
      },
      (error: unknown) => setProblem(messageOf(error)),
    );
  };
  const id = encodeURIComponent(run);
  return (
    <div class="row">
      {state === 'running' && job !== null && (
        <button type="button" onClick={() => act('/job/stop', { id: job.id })}>
          {t('runs.stop')}
        </button>
      )}
      {state === 'stopped' && (
        <button type="button" class="main" onClick={() => act('/runs/resume', { run })}>
          {t('runs.resume')}
        </button>
      )}
      {state === 'finished' && (
        <>
          <a class="button" href={`/studio/evaluation?run=${id}`}>
            {t('page.evaluation')}
          </a>
          <a class="button" href={`/studio/export?model=run:${id}`}>
            {t('page.export')}
          </a>
        </>
      )}
      <Problem text={problem} />
    </div>
  );
}

function Curves({ rows }: { readonly rows: readonly EpochRecord[] }) {
  const epoch = t('runs.epoch');
  const pair = (train: 'loss' | 'accuracy', validation: 'valLoss' | 'valAccuracy') => [
    { name: t(`metric.${train}`), points: pointsOf(rows, train), dashed: true, colour: 2 },
    { name: t(`metric.${validation}`), points: pointsOf(rows, validation), colour: 1 },
  ];
  const [accuracy, loss] = [t('runs.accuracy'), t('runs.loss')];
  return (
    <div class="columns">
      <LineChart title={accuracy} xLabel={epoch} yLabel={accuracy} series={pair('accuracy', 'valAccuracy')} />
      <LineChart title={loss} xLabel={epoch} yLabel={loss} series={pair('loss', 'valLoss')} />
    </div>
  );
}

/** The same as a table, for reading and for screen readers. */
function Rows({ rows }: { readonly rows: readonly EpochRecord[] }) {
  const columns = ['loss', 'accuracy', 'valLoss', 'valAccuracy', 'valMacroAccuracy', 'lr'] as const;
  return (
    <details>
      <summary>{t('runs.table')}</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label={t('runs.table')}>
        <table>
          <thead>
            <tr>
              <th class="number">{t('runs.epoch')}</th>
              {columns.map((name) => (
                <th key={name} class="number">
                  {t(`metric.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.epoch}>
                <td class="number">{row.epoch}</td>
                {columns.map((name) => (
                  <td key={name} class="number">
                    {row[name]?.toPrecision(4) ?? '–'}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
