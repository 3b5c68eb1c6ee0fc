// npm run test:data: the tests that need real data: FER2013 in class folders, ImageNet weights, a HEF;
// scripts/shared-data.mjs says where they are.
import { join } from 'node:path';

import { ensureBuilt, ensureInstalled } from './build.mjs';
import { runNode } from './run.mjs';
import { findFer2013, hefFile, weightsFolder, withoutFer2013 } from './shared-data.mjs';

const data = findFer2013();
if (data === undefined) {
  console.error(`test:data: ${withoutFer2013()}.`);
  process.exitCode = 1;
} else {
  ensureInstalled();
  ensureBuilt();
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--config', 'vitest.data.config.ts', ...process.argv.slice(2)];
  process.exitCode = await runNode(vitest, args, {
    env: { MIEN_FER2013: data, MIEN_WEIGHTS: weightsFolder(), MIEN_HEF: hefFile() },
  });
}
