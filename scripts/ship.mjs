// npm run ship -- RUN NAME "DATA": writes a run's best model in half precision to assets/NAME.safetensors; DATA says
// in words what it was trained on.
import { join } from 'node:path';

import { ensureBuilt, ensureInstalled } from './build.mjs';
import { root } from './run.mjs';

const [run, name, data] = process.argv.slice(2);
if (data === undefined) {
  console.error('ship: received fewer than three arguments, expected RUN NAME "DATA".');
  process.exit(2);
}
ensureInstalled();
ensureBuilt();
const { shipRun, writeFileAtomic } = await import('mienjs/node');
const path = join(root, 'assets', `${name}.safetensors`);
const bytes = await shipRun(run, { data });
writeFileAtomic(path, bytes);
console.log(`${path}: ${bytes.length} bytes`);
