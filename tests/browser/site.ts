import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'vite';

import { writeOnnx } from '../../src/export/onnx/write-onnx.js';
import { loadShipped } from '../../src/jobs/shipped.js';
import { serveSite, type Served } from './static-server.js';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const BUILT = join(root, 'work', 'browser', 'page');

/** The page of the tests as Vite builds it from the package's compiled files, with no setting of its own. */
export async function buildPage(): Promise<string> {
  await build({
    configFile: false,
    root: join(root, 'tests', 'browser', 'page'),
    logLevel: 'warn',
    build: { outDir: BUILT, emptyOutDir: true, target: 'es2022' },
  });
  return BUILT;
}

/** Serves the built page with `/model.onnx` and whatever else. */
export async function servePage(
  page: string,
  files: Iterable<readonly [string, Uint8Array]> = [],
  isolated = false,
): Promise<Served> {
  const model = writeOnnx(await loadShipped('mien'));
  return serveSite({
    folders: { '/': page, '/node_modules/mienjs/': root, '/node_modules/': join(root, 'node_modules') },
    files: new Map([['/model.onnx', model], ...files]),
    isolated,
  });
}
