import type { AuditAnswer, AuditSection } from '../../../../src/studio/api.js';
import { useAnswer } from '../../parts/client.js';
import { Answer, isRunning, JobView, Problem } from '../../parts/states.js';
import { useJob } from '../../parts/use-job.js';
import { t, type TextKey } from '../../text/index.js';
import type { Decide } from './page.js';
import { PictureCard } from './picture-card.js';

/** Pictures of a finding that are shown. */
const SHOWN = 60;

/** What is wrong with training pictures, by "mien data audit". */
export function Audit({ decide }: { readonly decide: Decide }) {
  const answer = useAnswer<AuditAnswer>('/data/audit');
  const { job, problem, start } = useJob(answer.reload);
  return (
    <section class="panel" aria-labelledby="audit">
      <h2 id="audit">{t('data.audit')}</h2>
      <button type="button" onClick={() => start('/data/audit/start', {})} disabled={isRunning(job)}>
        {t('data.auditStart')}
      </button>
      <Problem text={problem} />
      {job !== undefined && <JobView job={job} />}
      <Answer loaded={answer}>
        {({ sections }) =>
          sections === null ? (
            <p class="soft">{t('data.noAudit')}</p>
          ) : sections.length === 0 ? (
            <p class="good">{t('data.clean')}</p>
          ) : (
            sections.map((section) => <Section key={section.reason} section={section} decide={decide} />)
          )
        }
      </Answer>
    </section>
  );
}

function Section({ section, decide }: { readonly section: AuditSection; readonly decide: Decide }) {
  const { reason, findings } = section;
  const names = findings.map(({ name }) => name);
  const title = t(`reason.${reason}` as TextKey);
  return (
    <details open>
      <summary>
        {title} ({findings.length})
      </summary>
      <button type="button" onClick={() => decide.change({ names, action: 'exclude' })}>
        {t('data.excludeAll', { title })}
      </button>
      <ul class="grid">
        {findings.slice(0, SHOWN).map(({ name, class: label, note }) => (
          <PictureCard key={name} {...{ name, label, note, decide }} />
        ))}
      </ul>
    </details>
  );
}
