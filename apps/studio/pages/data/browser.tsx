import { useState } from 'preact/hooks';

import type { DataAnswer, PicturesAnswer } from '../../../../src/studio/api.js';
import { useAnswer } from '../../parts/client.js';
import { Answer } from '../../parts/states.js';
import { t } from '../../text/index.js';
import type { Decide } from './page.js';
import { PictureCard } from './picture-card.js';

/** Pictures on one leaf. */
const LEAF = 24;

/** Leafs through the pictures of a class. */
export function Browser({ answer, decide }: { readonly answer: DataAnswer; readonly decide: Decide }) {
  const [place, setPlace] = useState({ split: answer.splits[0]?.split ?? 'train', name: '' });
  const [from, setFrom] = useState(0);
  const half = answer.splits.find(({ split }) => split === place.split);
  const name = half?.classes.find((found) => found.name === place.name)?.name ?? half?.classes[0]?.name ?? '';
  const go = (next: Partial<typeof place>) => {
    setPlace({ ...place, ...next });
    setFrom(0);
  };
  const pictures = useAnswer<PicturesAnswer>('/data/pictures', {
    ...{ split: place.split, class: name, from, count: LEAF },
  });
  return (
    <section class="panel" aria-labelledby="browse">
      <h2 id="browse">{t('data.browse')}</h2>
      <Place {...{ answer, split: place.split, name, go }} />
      <Answer loaded={pictures}>
        {({ names, total }) => (
          <>
            <ul class="grid">
              {names.map((picture) => (
                <PictureCard
                  key={picture}
                  name={picture}
                  label={name}
                  decide={place.split === 'train' ? decide : undefined}
                />
              ))}
            </ul>
            <Leaf from={from} total={total} go={setFrom} />
          </>
        )}
      </Answer>
    </section>
  );
}

function Place(props: {
  readonly answer: DataAnswer;
  readonly split: 'train' | 'test';
  readonly name: string;
  readonly go: (next: { readonly split?: 'train' | 'test'; readonly name?: string }) => void;
}) {
  const { answer, split: chosen, name, go } = props;
  const half = answer.splits.find(({ split }) => split === chosen);
  return (
    <div class="row">
      <label>
        {t('evaluation.split')}
        <select
          value={chosen}
          onChange={({ currentTarget }) => go({ split: currentTarget.value as 'train' | 'test' })}
        >
          {answer.splits.map(({ split }) => (
            <option key={split} value={split}>
              {t(`split.${split}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('data.class')}
        <select value={name} onChange={({ currentTarget }) => go({ name: currentTarget.value })}>
          {(half?.classes ?? []).map((found) => (
            <option key={found.name} value={found.name}>
              {found.name} ({found.count})
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Leaf(props: { readonly from: number; readonly total: number; readonly go: (from: number) => void }) {
  const { from, total, go } = props;
  return (
    <div class="row">
      <button type="button" disabled={from === 0} onClick={() => go(Math.max(0, from - LEAF))}>
        {t('data.before')}
      </button>
      <span role="status">
        {t('data.range', { from: Math.min(from + 1, total), to: Math.min(from + LEAF, total), total })}
      </span>
      <button type="button" disabled={from + LEAF >= total} onClick={() => go(from + LEAF)}>
        {t('data.after')}
      </button>
    </div>
  );
}
