import type { RunSummary } from '../../../../src/studio/api.js';
import { percent, t } from '../../text/index.js';

interface RunListProps {
  readonly runs: readonly RunSummary[];
  readonly chosen: string | undefined;
  readonly choose: (id: string) => void;
  readonly compared: readonly string[];
  readonly toggle: (id: string) => void;
}

/** A row per run. */
export function RunList({ runs, ...rest }: RunListProps) {
  if (runs.length === 0) return <p class="soft">{t('runs.none')}</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('runs.list')}>
      <table>
        <thead>
          <tr>
            <th>{t('runs.compare')}</th>
            <th>{t('runs.name')}</th>
            <th>{t('runs.state')}</th>
            <th class="number">{t('runs.epochs')}</th>
            <th class="number">{t('runs.best')}</th>
            <th class="number">{t('runs.test')}</th>
            <th>{t('runs.recipe')}</th>
            <th>{t('runs.net')}</th>
            <th>{t('runs.changed')}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunRow key={run.id} run={run} {...rest} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RunRow({
  run,
  chosen,
  choose,
  compared,
  toggle,
}: Omit<RunListProps, 'runs'> & { readonly run: RunSummary }) {
  return (
    <tr class={run.id === chosen ? 'chosen' : ''} data-run={run.id}>
      <td>
        <input
          type="checkbox"
          aria-label={t('runs.compareOne', { name: run.id })}
          checked={compared.includes(run.id)}
          onChange={() => toggle(run.id)}
        />
      </td>
      <td>
        <button type="button" aria-pressed={run.id === chosen} onClick={() => choose(run.id)}>
          {run.id}
        </button>
      </td>
      <td>{t(`state.${run.state}`)}</td>
      <td class="number">
        {run.epochs}/{run.planned}
      </td>
      <td class="number">{percent(run.best)}</td>
      <td class="number">{percent(run.test)}</td>
      <td>{run.recipe}</td>
      <td>{run.net}</td>
      <td>{new Date(run.changed).toLocaleString()}</td>
    </tr>
  );
}
