import type { ComponentChildren } from 'preact';

import type { Job } from '../../../src/studio/api.js';
import { t } from '../text/index.js';
import type { Loaded } from './client.js';

/** What was loaded, or that it is on its way, or why it did not come. */
export function Answer<T>({
  loaded,
  children,
}: {
  readonly loaded: Loaded<T>;
  readonly children: (data: T) => ComponentChildren;
}) {
  if (loaded.error !== undefined) return <Problem text={loaded.error} />;
  if (loaded.data === undefined) return <p class="soft">{t('loading')}</p>;
  return <>{children(loaded.data)}</>;
}

/** A sentence about what went wrong, read out at once; nothing without one. */
export function Problem({ text }: { readonly text: string | undefined }) {
  return (
    <p role="alert" class="bad">
      {text}
    </p>
  );
}

/** A sentence that is read out when it changes. */
export function Status({ text }: { readonly text: string }) {
  return (
    <p role="status" class="soft">
      {text}
    </p>
  );
}

/** How a job goes, and what it prints. */
export function JobView({ job }: { readonly job: Job }) {
  return (
    <div>
      <Status text={`${t(`verb.${job.verb}`)}: ${t(`state.${job.state}`)}`} />
      {job.lines.length > 0 && (
        <pre tabIndex={0} aria-label={t('job.lines')}>
          {job.lines.slice(-30).join('\n')}
        </pre>
      )}
    </div>
  );
}

/** Whether a job still does something. */
export function isRunning(job: Job | null | undefined): boolean {
  return job?.state === 'running' || job?.state === 'stopping';
}
