// npm run test:data: the tests that need real data. The root of FER2013 in class folders is MIEN_FER2013 or, where
// that is not set, the archive ../shared/data/fer2013.tar.gz beside this checkout; a real HEF is MIEN_HEF or lies there.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { ensureBuilt, ensureInstalled } from './build.mjs';
import { root, runNode } from './run.mjs';

const ARCHIVE = join(dirname(root), 'shared', 'data', 'fer2013.tar.gz');
const HEF = join(dirname(root), 'shared', 'data', 'fer5_mobilenetv3small_hailo8.hef');
const UNPACKED = join(root, 'work', 'fer2013');

const data = findData();
if (data === undefined) {
  const named = process.env.MIEN_FER2013 ?? '';
  const received = named === '' ? 'no FER2013' : `MIEN_FER2013=${named} without train/ in it`;
  console.error(
    `test:data: received ${received}, expected its folder in MIEN_FER2013 or the archive ${ARCHIVE}.`,
  );
  process.exitCode = 1;
} else {
  ensureInstalled();
  ensureBuilt();
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--config', 'vitest.data.config.ts', ...process.argv.slice(2)];
  process.exitCode = await runNode(vitest, args, {
    env: { MIEN_HEF: process.env.MIEN_HEF ?? HEF, MIEN_FER2013: data },
  });
}

function findData() {
  const named = process.env.MIEN_FER2013;
  if (named !== undefined && named !== '') return existsSync(join(named, 'train')) ? named : undefined;
  if (!existsSync(ARCHIVE)) return undefined;
  return existsSync(UNPACKED) || unpack() ? UNPACKED : undefined;
}

/** Unpacks beside the goal and moves it there when complete; every supported system has tar. */
function unpack() {
  const temporary = `${UNPACKED}.tmp`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  const { status } = spawnSync('tar', ['-xzf', ARCHIVE, '-C', temporary], { stdio: 'inherit' });
  if (status !== 0) return false;
  renameSync(join(temporary, 'fer2013'), UNPACKED);
  rmSync(temporary, { recursive: true });
  return true;
}
