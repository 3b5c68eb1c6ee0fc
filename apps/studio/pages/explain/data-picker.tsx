import { useState } from 'preact/hooks';

import type { DataAnswer, PicturesAnswer } from '../../../../src/studio/api.js';
import { address, useAnswer } from '../../parts/client.js';
import { t } from '../../text/index.js';

/** Pictures that are offered of a class. */
const OFFERED = 24;

/** Some pictures of the data, as buttons. */
export function DataPicker({ onPick }: { readonly onPick: (name: string) => void }) {
  const { data } = useAnswer<DataAnswer>('/data');
  const [chosen, choose] = useState<string>();
  const half = data?.splits.find(({ split }) => split === 'test') ?? data?.splits[0];
  if (half === undefined) return null;
  const name = chosen ?? half.classes[0]?.name ?? '';
  return (
    <details>
      <summary>{t('explain.fromData')}</summary>
      <label>
        {t('data.class')}
        <select value={name} onChange={({ currentTarget }) => choose(currentTarget.value)}>
          {half.classes.map((found) => (
            <option key={found.name} value={found.name}>
              {found.name}
            </option>
          ))}
        </select>
      </label>
      <Offers split={half.split} name={name} onPick={onPick} />
    </details>
  );
}

function Offers(props: {
  readonly split: string;
  readonly name: string;
  readonly onPick: (name: string) => void;
}) {
  const { data } = useAnswer<PicturesAnswer>('/data/pictures', {
    ...{ split: props.split, class: props.name, count: OFFERED },
  });
  return (
    <ul class="grid">
      {(data?.names ?? []).map((name) => (
        <li key={name}>
          <button type="button" class="picture-button" onClick={() => props.onPick(name)}>
            <img
              class="picture"
              src={address('/data/picture', { name })}
              alt={t('explain.pick', { name })}
              loading="lazy"
            />
          </button>
        </li>
      ))}
    </ul>
  );
}
