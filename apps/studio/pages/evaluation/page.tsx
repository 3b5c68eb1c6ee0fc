import { useState } from 'preact/hooks';

import type { EvaluationAnswer, RunSummary } from '../../../../src/studio/api.js';
import { useAnswer, useParam } from '../../parts/client.js';
import { Answer, isRunning, JobView, Problem } from '../../parts/states.js';
import { useJob } from '../../parts/use-job.js';
import { t } from '../../text/index.js';
import { Report } from './report.js';

type Split = 'test' | 'validation';

/** What a run got right and wrong, down to single pictures. */
export function Page() {
  const runs = useAnswer<readonly RunSummary[]>('/runs');
  return (
    <Answer loaded={runs}>
      {(list) => (list.length === 0 ? <p class="soft">{t('evaluation.none')}</p> : <Chosen runs={list} />)}
    </Answer>
  );
}

function Chosen({ runs }: { readonly runs: readonly RunSummary[] }) {
  const [given, choose] = useParam('run');
  const [split, setSplit] = useState<Split>('test');
  const run = given ?? runs.find(({ state }) => state === 'finished')?.id ?? runs[0]?.id ?? '';
  return (
    <>
      <div class="panel row">
        <label>
          {t('evaluation.run')}
          <select value={run} onChange={({ currentTarget }) => choose(currentTarget.value)}>
            {runs.map(({ id }) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('evaluation.split')}
          <select value={split} onChange={({ currentTarget }) => setSplit(currentTarget.value as Split)}>
            <option value="test">{t('split.test')}</option>
            <option value="validation">{t('split.validation')}</option>
          </select>
        </label>
      </div>
      <Measured key={`${run} ${split}`} run={run} split={split} />
    </>
  );
}

function Measured({ run, split }: { readonly run: string; readonly split: Split }) {
  const answer = useAnswer<EvaluationAnswer>('/evaluation', { run, split });
  const { job, problem, start } = useJob(answer.reload);
  return (
    <>
      <div class="row">
        <button
          type="button"
          onClick={() => start('/evaluation/start', { run, split })}
          disabled={isRunning(job)}
        >
          {t('evaluation.start')}
        </button>
      </div>
      <Problem text={problem} />
      {job !== undefined && <JobView job={job} />}
      <Answer loaded={answer}>
        {({ report, samples }) =>
          report === null ? (
            <p class="soft">{t('evaluation.missing')}</p>
          ) : (
            <Report run={run} report={report} samples={samples} />
          )
        }
      </Answer>
    </>
  );
}
