// Installs and compiles only when something changed. Run it, or import its two functions.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SOURCES = [
  'src',
  'apps',
  'bench',
  'tsconfig.json',
  'tsconfig.build.json',
  'vite.studio.config.ts',
  'package-lock.json',
];
/** Written after a build without errors. */
const STAMP = join(root, 'dist', '.built');

/** Runs `npm ci` when node_modules is missing or older than the lock file. */
export function ensureInstalled() {
  const installed = timeOf(join(root, 'node_modules', '.package-lock.json'));
  if (installed >= timeOf(join(root, 'package-lock.json'))) return;
  say('installing packages (npm ci)');
  // npm tells its scripts where it is; its shell wrapper serves everywhere else.
  const own = process.env.npm_execpath;
  const direct = own !== undefined && own.endsWith('.js');
  if (direct) run(process.execPath, [own, 'ci']);
  else run('npm', ['ci'], { shell: process.platform === 'win32' });
}

/** Compiles to dist/ when a source is newer than the last build. */
export function ensureBuilt() {
  const newest = Math.max(...SOURCES.map((name) => newestIn(join(root, name))));
  if (timeOf(STAMP) >= newest) return;
  say('building (tsc)');
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const started = new Date();
  run(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')]);
  say('building the page of the studio (vite)');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  run(process.execPath, [vite, 'build', '--config', join(root, 'vite.studio.config.ts')]);
  writeFileSync(STAMP, `${started.toISOString()}\n`);
}

/** Runs a program in the repository; ends this one with its exit code if it fails. */
function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (error !== undefined) say(`${program} could not be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

/** Modification time of the newest file below a path, in milliseconds; tests do not count. */
function newestIn(path) {
  if (!existsSync(path)) return 0;
  const info = statSync(path);
  if (!info.isDirectory()) return path.endsWith('.test.ts') ? 0 : info.mtimeMs;
  return Math.max(info.mtimeMs, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}

function timeOf(path) {
  return existsSync(path) ? statSync(path).mtimeMs : -1;
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  ensureInstalled();
  ensureBuilt();
}
