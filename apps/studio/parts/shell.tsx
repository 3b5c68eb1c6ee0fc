import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { STUDIO_PAGES, type StudioPage } from '../../../src/studio/api.js';
import { currentLanguage, LANGUAGES, setLanguage, t, type Language } from '../text/index.js';
import { currentTheme, setTheme, THEMES, type Theme } from './theme.js';

/** What surrounds every page: a way past the navigation, the navigation, switches, the page itself. */
export function Shell({
  page,
  children,
}: {
  readonly page: StudioPage;
  readonly children: ComponentChildren;
}) {
  useEffect(() => {
    document.title = `${t(`page.${page}`)} – ${t('studio')}`;
  }, [page]);
  return (
    <>
      <a class="skip" href="#main">
        {t('skip')}
      </a>
      <header class="top">
        <a class="brand" href="/studio/runs">
          <img src="/studio/icon.svg" alt="" width="28" height="28" />
          {t('studio')}
        </a>
        <nav aria-label={t('navigation')}>
          {STUDIO_PAGES.map((name) => (
            <a key={name} href={`/studio/${name}`} aria-current={name === page ? 'page' : undefined}>
              {t(`page.${name}`)}
            </a>
          ))}
        </nav>
        <div class="switches">
          <ThemeSwitch />
          <LanguageSwitch />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <h1>{t(`page.${page}`)}</h1>
        {children}
      </main>
    </>
  );
}

function ThemeSwitch() {
  const [theme, set] = useState(currentTheme());
  const choose = (chosen: Theme) => {
    setTheme(chosen);
    set(chosen);
  };
  return (
    <select
      aria-label={t('theme')}
      value={theme}
      onChange={({ currentTarget }) => choose(currentTarget.value as Theme)}
    >
      {THEMES.map((name) => (
        <option key={name} value={name}>
          {t(`theme.${name}`)}
        </option>
      ))}
    </select>
  );
}

function LanguageSwitch() {
  return (
    <select
      aria-label={t('language')}
      value={currentLanguage()}
      onChange={({ currentTarget }) => setLanguage(currentTarget.value as Language)}
    >
      {Object.entries(LANGUAGES).map(([code, { name }]) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </select>
  );
}
