// npm run ship:ranges -- NAME DATA "ABOUT": calibrates a shipped model for eight bits on training pictures of DATA and
// writes assets/NAME.int8.json; ABOUT says in words what the data is. Run it after every `npm run ship`.
import { join } from 'node:path';

import { ensureBuilt, ensureInstalled } from './build.mjs';
import { root } from './run.mjs';

const [name, data, about] = process.argv.slice(2);
if (about === undefined) {
  console.error('ship:ranges: received fewer than three arguments, expected NAME DATA "ABOUT".');
  process.exit(2);
}
ensureInstalled();
ensureBuilt();
const { ortNode, shipRanges, writeFileAtomic } = await import('mienjs/node');
const path = join(root, 'assets', `${name}.int8.json`);
const text = await shipRanges(name, { data, about }, ortNode());
writeFileAtomic(path, text);
console.log(`${path}: ${text.length} bytes`);
