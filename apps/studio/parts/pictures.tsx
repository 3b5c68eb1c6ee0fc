import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { t } from '../text/index.js';

/** A picture of a grid. */
export interface GridItem {
  readonly key: string;
  readonly source: string;
  /** What screen readers say of the picture. */
  readonly alt: string;
  readonly caption: ComponentChildren;
}

/** Pictures that are shown at once. */
const PAGE = 48;

/** Pictures side by side, a part of them at a time. */
export function PictureGrid({ items }: { readonly items: readonly GridItem[] }) {
  const [shown, setShown] = useState(PAGE);
  return (
    <>
      <ul class="grid">
        {items.slice(0, shown).map(({ key, source, alt, caption }) => (
          <li key={key}>
            <img class="picture" src={source} alt={alt} loading="lazy" />
            <div class="caption">{caption}</div>
          </li>
        ))}
      </ul>
      {items.length > shown && (
        <button type="button" onClick={() => setShown(shown + PAGE)}>
          {t('pictures.more', { rest: items.length - shown })}
        </button>
      )}
    </>
  );
}
