// npm run test:browser: installs, builds and runs the tests that need a real browser.
// Arguments go to vitest, e.g. npm run test:browser -- tests/browser/studio/runs.test.ts
import { join } from 'node:path';

import { ensureBuilt, ensureInstalled } from './build.mjs';
import { runNode } from './run.mjs';

ensureInstalled();
ensureBuilt();
process.exitCode = await runNode(join('node_modules', 'vitest', 'vitest.mjs'), [
  'run',
  '--config',
  'vitest.browser.config.ts',
  ...process.argv.slice(2),
]);
