import { useState } from 'preact/hooks';

import type { RunSummary } from '../../../../src/studio/api.js';
import { useAnswer, useParam } from '../../parts/client.js';
import { Answer } from '../../parts/states.js';
import { t } from '../../text/index.js';
import { Comparison } from './comparison.js';
import { RunDetails } from './details.js';
import { RunList } from './list.js';
import { StartForm } from './start-form.js';

/** Seconds between two looks at the runs. */
const EVERY = 2;

/** Run folders, their curves side by side, and trainings that can be started and stopped. */
export function Page() {
  const runs = useAnswer<readonly RunSummary[]>('/runs', {}, EVERY);
  const [chosen, choose] = useParam('run');
  const [compared, setCompared] = useState<readonly string[]>([]);
  const toggle = (id: string) =>
    setCompared((before) => (before.includes(id) ? before.filter((other) => other !== id) : [...before, id]));
  return (
    <>
      <StartForm
        onStarted={(name) => {
          choose(name);
          runs.reload();
        }}
      />
      <section class="panel" aria-labelledby="runs-list">
        <h2 id="runs-list">{t('runs.list')}</h2>
        <Answer loaded={runs}>
          {(list) => (
            <RunList runs={list} chosen={chosen} choose={choose} compared={compared} toggle={toggle} />
          )}
        </Answer>
      </section>
      {compared.length > 0 && <Comparison runs={compared} />}
      {chosen !== undefined && <RunDetails key={chosen} run={chosen} onChange={runs.reload} />}
    </>
  );
}
