// npm run test:interop: the tests against real Keras and TensorFlow, some on real pictures. They run in a virtual environment of Python that is
// made in work/oracles, or in the one that --venv names. `--oracle torch` takes PyTorch for the gradients instead, from an
// environment that has it, and `--large` runs those that take minutes each. Other arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { ensureInstalled } from './build.mjs';
import { findFer2013, withoutFer2013 } from './shared-data.mjs';
import { root, runNode } from './run.mjs';

const REQUIREMENTS = join(root, 'tests', 'interop', 'requirements.txt');
const OWN = join(root, 'work', 'oracles');
const MODULES = { keras: 'keras, tensorflow, onnx, onnxruntime, mediapipe, skimage', torch: 'torch' };

const OPTIONS = {
  venv: { type: 'string' },
  oracle: { type: 'string', default: 'keras' },
  large: { type: 'boolean' },
};
const { values, tokens } = parseArgs({
  args: process.argv.slice(2),
  options: OPTIONS,
  strict: false,
  tokens: true,
});
const forVitest = tokens
  .filter(({ kind, name }) => kind !== 'option' || OPTIONS[name] === undefined)
  .map(({ kind, rawName, value }) =>
    kind !== 'option' ? (value ?? '--') : value === undefined ? rawName : `${rawName}=${value}`,
  );

const data = findFer2013();
const problem = data === undefined ? withoutFer2013() : prepare();
if (problem === undefined) {
  ensureInstalled();
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const env = {
    MIEN_ORACLE: values.oracle,
    MIEN_ORACLE_PYTHON: pythonOf(folder()),
    MIEN_FER2013: data,
    ...(values.large === true ? { MIEN_INTEROP_LARGE: '1' } : {}),
    TF_CPP_MIN_LOG_LEVEL: '3',
  };
  process.exitCode = await runNode(vitest, ['run', '--config', 'vitest.interop.config.ts', ...forVitest], {
    env,
  });
} else {
  console.error(`test:interop: ${problem}.`);
  process.exitCode = 1;
}

/** Makes or checks the environment; returns what is wrong with it. */
function prepare() {
  const modules = MODULES[values.oracle];
  if (modules === undefined) return `received --oracle ${values.oracle}, expected keras or torch`;
  if (values.venv === undefined && !installed() && !install()) {
    return `received no environment of Python, expected python3 with venv and a way to install ${REQUIREMENTS}; or name one by --venv`;
  }
  if (!existsSync(pythonOf(folder())))
    return `received no Python in ${folder()}, expected a virtual environment`;
  const { status } = spawnSync(pythonOf(folder()), ['-c', `import numpy, ${modules}`], { env: quiet() });
  return status === 0
    ? undefined
    : `received an environment without ${modules} in ${folder()}, expected them installed`;
}

function folder() {
  return values.venv === undefined ? OWN : resolve(values.venv);
}

function pythonOf(venv) {
  return process.platform === 'win32' ? join(venv, 'Scripts', 'python.exe') : join(venv, 'bin', 'python');
}

/** The environment is complete when it holds a copy of the requirements it was made from. */
function installed() {
  const stamp = join(OWN, 'requirements.txt');
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(REQUIREMENTS, 'utf8');
}

function install() {
  console.error(`making ${OWN} (Keras, TensorFlow, ONNX and MediaPipe, 2 GB)`);
  rmSync(OWN, { recursive: true, force: true });
  mkdirSync(OWN, { recursive: true });
  const made = ['python3', 'python'].some((python) => run(python, ['-m', 'venv', OWN]));
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--requirement',
    REQUIREMENTS,
  ];
  if (!made || !run(pythonOf(OWN), pip)) return false;
  writeFileSync(join(OWN, 'requirements.txt'), readFileSync(REQUIREMENTS));
  return true;
}

function run(program, args) {
  return spawnSync(program, args, { stdio: ['ignore', 2, 2] }).status === 0;
}

function quiet() {
  return { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' };
}
