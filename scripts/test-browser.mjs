// npm run test:browser: the browser package in a real headless Chromium. Arguments go to vitest.
import { join } from 'node:path';

import { ensureBuilt, ensureInstalled } from './build.mjs';
import { runNode } from './run.mjs';
import { ensureChromium, withoutChromium } from './system-tools.mjs';

const chromium = ensureChromium();
if (chromium === undefined) {
  console.error(`test:browser: ${withoutChromium()}.`);
  process.exitCode = 1;
} else {
  ensureInstalled();
  ensureBuilt();
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--config', 'vitest.browser.config.ts', ...process.argv.slice(2)];
  process.exitCode = await runNode(vitest, args, { env: { MIEN_CHROMIUM: chromium } });
}
