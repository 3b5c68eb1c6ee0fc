// npm test: installs, builds and runs every test that needs nothing but Node and the registry.
// Arguments go to vitest, e.g. npm test -- src/data
import { join } from 'node:path';

import { ensureBuilt, ensureInstalled } from './build.mjs';
import { runNode } from './run.mjs';

ensureInstalled();
// Worker threads and the command line run compiled code, also in tests.
ensureBuilt();
process.exitCode = await runNode(join('node_modules', 'vitest', 'vitest.mjs'), [
  'run',
  ...process.argv.slice(2),
]);
