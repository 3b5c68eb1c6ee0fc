// Programs that some tests need and npm cannot install: ffmpeg, and a C compiler for the stub of a native library.
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

/** Programs with the argument that makes them answer, and Debian's package for each. */
const TOOLS = [
  { program: 'ffmpeg', ask: '-version', packages: ['ffmpeg'] },
  { program: 'cc', ask: '--version', packages: ['gcc', 'libc6-dev'] },
];

/** Installs what is missing where apt is; returns the names of what is still missing. */
export function ensureTools() {
  const missing = TOOLS.filter((tool) => !answers(tool));
  if (missing.length === 0) return [];
  console.log(`installing ${missing.map(({ program }) => program).join(', ')} (apt-get)`);
  const packages = missing.flatMap((tool) => tool.packages);
  // A list of packages may be old, but then the update is what fails, and installing is worth a try.
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
  return TOOLS.filter((tool) => !answers(tool)).map(({ program }) => program);
}

/** The path of Chromium: MIEN_CHROMIUM, an installed one, or Debian's, installed where apt is; undefined without. */
export function ensureChromium() {
  const named = process.env.MIEN_CHROMIUM ?? '';
  if (named !== '') return answers({ program: named, ask: '--version' }) ? named : undefined;
  const found = findChromium();
  if (found !== undefined) return found;
  console.log('installing chromium (apt-get)');
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', 'chromium');
  return findChromium();
}

/** What is wrong where there is none, for a suite that needs it. */
export function withoutChromium() {
  const named = process.env.MIEN_CHROMIUM ?? '';
  const received = named === '' ? 'no chromium' : `MIEN_CHROMIUM=${named}, which does not start`;
  return `received ${received}, expected it on the path, in MIEN_CHROMIUM, or installable by apt-get`;
}

function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const found = names.find((program) => answers({ program, ask: '--version' }));
  if (found === undefined) return undefined;
  const { stdout } = spawnSync('which', [found], { encoding: 'utf8' });
  return stdout.trim() || found;
}

function answers({ program, ask }) {
  return spawnSync(program, [ask]).status === 0;
}

function apt(...args) {
  const root = process.getuid?.() === 0;
  const [program, ...rest] = [...(root ? [] : ['sudo', '-n']), 'apt-get', ...args];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync(program, rest, { stdio: ['ignore', 'ignore', 'inherit'], env });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const missing = ensureTools();
  if (missing.length > 0) console.error(`missing: ${missing.join(', ')}`);
  process.exitCode = missing.length > 0 ? 1 : 0;
}
