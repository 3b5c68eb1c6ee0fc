import { render } from 'preact';

import { STUDIO_PAGES, type StudioPage } from '../../src/studio/api.js';
import { PAGES } from './pages/index.js';
import { Shell } from './parts/shell.js';
import { startTheme } from './parts/theme.js';
import { startText } from './text/index.js';
import './style.css';

/** The page that the address names. */
function pageOf(path: string): StudioPage {
  return STUDIO_PAGES.find((page) => path.endsWith(`/${page}`)) ?? 'runs';
}

async function start(): Promise<void> {
  const root = document.getElementById('app');
  if (root === null) return;
  startTheme();
  startText();
  const page = pageOf(location.pathname);
  // Each page is a file of its own, loaded where it is looked at.
  const { Page } = await PAGES[page]();
  render(
    <Shell page={page}>
      <Page />
    </Shell>,
    root,
  );
}

// Not awaited: the pages' files import this one, and would wait for it in turn.
void start();
