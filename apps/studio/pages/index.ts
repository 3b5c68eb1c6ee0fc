import type { FunctionComponent } from 'preact';

import type { StudioPage } from '../../../src/studio/api.js';

/** How each page is loaded. */
export const PAGES: Readonly<Record<StudioPage, () => Promise<{ readonly Page: FunctionComponent }>>> = {
  runs: () => import('./runs/page.js'),
  evaluation: () => import('./evaluation/page.js'),
  explain: () => import('./explain/page.js'),
  try: () => import('./try/page.js'),
  data: () => import('./data/page.js'),
  export: () => import('./export/page.js'),
};
