// Where real data is. FER2013 in class folders: MIEN_FER2013 or, where that is not set, the archive
// ../shared/data/fer2013.tar.gz beside this checkout, which is unpacked into an ignored folder.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { root } from './run.mjs';

const ARCHIVE = join(dirname(root), 'shared', 'data', 'fer2013.tar.gz');
const UNPACKED = join(root, 'work', 'fer2013');

/** The folder that holds train/ and test/, or undefined. */
export function findFer2013() {
  const named = process.env.MIEN_FER2013;
  if (named !== undefined && named !== '') return existsSync(join(named, 'train')) ? named : undefined;
  if (!existsSync(ARCHIVE)) return undefined;
  return existsSync(UNPACKED) || unpack() ? UNPACKED : undefined;
}

/** The folder of ImageNet weights: MIEN_WEIGHTS, or ../shared/data/weights beside this checkout. */
export function weightsFolder() {
  const named = process.env.MIEN_WEIGHTS ?? '';
  return named === '' ? join(dirname(ARCHIVE), 'weights') : named;
}

/** A real HEF: MIEN_HEF, or the sample in ../shared/data beside this checkout. */
export function hefFile() {
  const named = process.env.MIEN_HEF ?? '';
  return named === '' ? join(dirname(ARCHIVE), 'fer5_mobilenetv3small_hailo8.hef') : named;
}

/** What is wrong where there is none, for a suite that needs it. */
export function withoutFer2013() {
  const named = process.env.MIEN_FER2013 ?? '';
  const received = named === '' ? 'no FER2013' : `MIEN_FER2013=${named} without train/ in it`;
  return `received ${received}, expected its folder in MIEN_FER2013 or the archive ${ARCHIVE}`;
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
