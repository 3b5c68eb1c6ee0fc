// npm start: from a fresh clone to a trained model, with nothing but Node and npm.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { ensureBuilt, ensureInstalled } from './build.mjs';
import { root, runNode } from './run.mjs';

const FACES = join('work', 'drawn-faces');
const CLASSES = 'angry,disgust,happy,neutral,surprise';

ensureInstalled();
ensureBuilt();
process.exitCode = (await drawFaces()) || (await trainOnThem());

/** About a thousand drawn faces; drawn anew only when they are missing. */
function drawFaces() {
  if (existsSync(join(root, FACES, 'drawn.json'))) return 0;
  say(`Drawing faces into ${FACES} (drawings, no photographs)`);
  return mien('data', 'draw', '--out', FACES, '--train', '800', '--test', '200', '--classes', CLASSES);
}

function trainOnThem() {
  // The shipped model is the better start; a checkout in which it has not been made yet still runs.
  const shipped = existsSync(join(root, 'assets', 'mien.safetensors'));
  if (!shipped) say('\nassets/mien.safetensors is missing: training starts from random weights instead.');
  const run = freeRun();
  say(`\nTraining in two stages into ${run}`);
  const weights = shipped ? 'mien' : 'none';
  const what = ['--data', FACES, '--classes', CLASSES, '--recipe', 'drawn', '--weights', weights];
  return mien('train', ...what, '--out', run).then((code) => {
    if (code === 0) nextSteps();
    return code;
  });
}

function nextSteps() {
  say(`
With your own data, in folders DATA/train/<class>/ and DATA/test/<class>/:
  node dist/apps/cli/main.js train --data DATA --classes angry,happy,neutral
  node dist/apps/cli/main.js train --help`);
}

/** runs/first-run, or the next free name after it. */
function freeRun() {
  for (let i = 1; ; i++) {
    const run = join('runs', i === 1 ? 'first-run' : `first-run-${i}`);
    if (!existsSync(join(root, run))) return run;
  }
}

/** The command line. */
function mien(...args) {
  return runNode(join('dist', 'apps', 'cli', 'main.js'), args);
}

function say(text) {
  console.log(text);
}
