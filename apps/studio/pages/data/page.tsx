import { useState } from 'preact/hooks';

import type { DataAnswer, DataEdits } from '../../../../src/studio/api.js';
import { messageOf, post, useAnswer } from '../../parts/client.js';
import { Answer, Problem, Status } from '../../parts/states.js';
import { t } from '../../text/index.js';
import { Audit } from './audit.js';
import { Browser } from './browser.js';

/** What can be decided about training pictures. */
export interface Decide {
  readonly edits: DataEdits;
  readonly classes: readonly string[];
  readonly change: (body: object) => void;
}

/** Classes to leaf through, what an audit finds, and decisions that go into list files. */
export function Page() {
  const data = useAnswer<DataAnswer>('/data');
  return <Answer loaded={data}>{(answer) => <Data answer={answer} />}</Answer>;
}

function Data({ answer }: { readonly answer: DataAnswer }) {
  const [edits, setEdits] = useState(answer.edits);
  const [problem, setProblem] = useState<string>();
  const send = (path: string, body: object) => {
    setProblem(undefined);
    post<DataEdits>(path, body).then(setEdits, (error: unknown) => setProblem(messageOf(error)));
  };
  const train = answer.splits.find(({ split }) => split === 'train');
  const decide: Decide = {
    edits,
    classes: train?.classes.map(({ name }) => name) ?? [],
    change: (body) => send('/data/edit', body),
  };
  return (
    <>
      <section class="panel" aria-labelledby="decisions">
        <h2 id="decisions">{t('data.decisions')}</h2>
        <Status
          text={t('data.counts', {
            excluded: edits.excluded.length,
            relabelled: Object.keys(edits.relabelled).length,
          })}
        />
        <button type="button" disabled={edits.undoable === 0} onClick={() => send('/data/undo', {})}>
          {t('data.undo')}
        </button>
        <p class="soft caption">{t('data.lists', answer.lists)}</p>
        <Problem text={problem} />
      </section>
      <Browser answer={answer} decide={decide} />
      <Audit decide={decide} />
    </>
  );
}
