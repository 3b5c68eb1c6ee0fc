import { address } from '../../parts/client.js';
import { t } from '../../text/index.js';
import type { Decide } from './page.js';

interface CardProps {
  readonly name: string;
  /** Class of its folder. */
  readonly label: string;
  /** What an audit says, such as a better class. */
  readonly note?: string;
  /** Undefined: only to look at. */
  readonly decide: Decide | undefined;
}

/** A picture with what was decided about it, and what can be. */
export function PictureCard({ name, label, note, decide }: CardProps) {
  const excluded = decide?.edits.excluded.includes(name) === true;
  const given = decide?.edits.relabelled[name];
  const state = excluded ? t('data.excluded') : given === undefined ? label : t('data.now', { label, given });
  return (
    <li data-name={name} class={excluded ? 'excluded' : ''}>
      <img
        class="picture"
        src={address('/data/picture', { name })}
        alt={`${label}: ${name}`}
        loading="lazy"
      />
      <div class="caption">
        <span class={excluded || given !== undefined ? 'bad' : 'soft'}>{state}</span>
        {note !== undefined && note !== '' && <span> ({t('data.suggested', { note })})</span>}
        <br />
        {name}
      </div>
      {decide !== undefined && <Decisions {...{ name, label, excluded, given, decide }} />}
    </li>
  );
}

function Decisions(props: {
  readonly name: string;
  readonly label: string;
  readonly excluded: boolean;
  readonly given: string | undefined;
  readonly decide: Decide;
}) {
  const { name, label, excluded, given, decide } = props;
  const names = [name];
  const decided = excluded || given !== undefined;
  return (
    <div class="decide">
      <button
        type="button"
        aria-label={t(decided ? 'data.includeOne' : 'data.excludeOne', { name })}
        onClick={() => decide.change({ names, action: decided ? 'include' : 'exclude' })}
      >
        {t(decided ? 'data.include' : 'data.exclude')}
      </button>
      <select
        aria-label={t('data.labelOf', { name })}
        value={given ?? label}
        onChange={({ currentTarget }) =>
          decide.change({ names, action: 'relabel', label: currentTarget.value })
        }
      >
        {decide.classes.map((found) => (
          <option key={found} value={found}>
            {found}
          </option>
        ))}
      </select>
    </div>
  );
}
