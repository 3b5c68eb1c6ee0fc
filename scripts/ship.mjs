// npm run ship -- RUN NAME "DATA" [test=0.005,validation=0.011]: writes a run's best model in half precision to
// assets/NAME.safetensors; DATA says in words what it was trained on. The last argument is the standard deviation of the
// accuracy over seeds by split, where it was measured: what "mien reproduce" compares by.
import { join } from 'node:path';

import { ensureBuilt, ensureInstalled } from './build.mjs';
import { root } from './run.mjs';

const [run, name, data, deviations = ''] = process.argv.slice(2);
if (data === undefined) {
  console.error('ship: received fewer than three arguments, expected RUN NAME "DATA".');
  process.exit(2);
}
const pairs = deviations.split(',').filter((pair) => pair !== '');
const seedDeviation = Object.fromEntries(
  pairs.map((pair) => [pair.split('=')[0], Number(pair.split('=')[1])]),
);
if (!Object.values(seedDeviation).every((value) => value > 0)) {
  console.error(`ship: received ${deviations}, expected pairs like test=0.005.`);
  process.exit(2);
}
ensureInstalled();
ensureBuilt();
const { shipRun, writeFileAtomic } = await import('mienjs/node');
const path = join(root, 'assets', `${name}.safetensors`);
const bytes = await shipRun(run, { data, seedDeviation });
writeFileAtomic(path, bytes);
console.log(`${path}: ${bytes.length} bytes`);
