// npm run test:docs: runs the code blocks of README.md and docs/ that stand behind a line <!-- run -->.
// Blocks of one page run in their order in one temporary folder in which the package is installed:
// `sh` blocks with bash, `ts` blocks compiled with the project's strictness and then run.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ensureBuilt, ensureInstalled } from './build.mjs';
import { root } from './run.mjs';

const BLOCK = /^<!-- run -->[ \t]*\r?\n+```(sh|ts)[^\n]*\n([\s\S]*?)^```/gm;

/** The marked blocks of a page, with the line on which each begins. */
export function blocksOf(text) {
  return [...text.matchAll(BLOCK)].map(({ 1: language, 2: code, index }) => ({
    language,
    code,
    line: text.slice(0, index).split('\n').length + 1,
  }));
}

/** Runs the blocks of all pages; returns how many passed and the places of those that failed. */
function runAll() {
  const failed = [];
  let passed = 0;
  for (const page of pages()) {
    const folder = workshop();
    for (const block of blocksOf(readFileSync(page, 'utf8'))) {
      const place = `${relative(root, page)}:${block.line}`;
      console.log(`--- ${place} (${block.language})`);
      if (runBlock(block, folder)) passed++;
      else failed.push(place);
    }
    rmSync(folder, { recursive: true, force: true });
  }
  return { passed, failed };
}

function pages() {
  const folder = join(root, 'docs');
  const docs = existsSync(folder) ? readdirSync(folder, { recursive: true }) : [];
  const all = [join(root, 'README.md'), ...docs.map((name) => join(folder, String(name)))];
  return all.filter((path) => path.endsWith('.md') && existsSync(path));
}

/** A folder that has the package and the `mien` command. */
function workshop() {
  const folder = mkdtempSync(join(tmpdir(), 'mien-docs-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  symlinkSync(root, join(modules, 'mienjs'), 'junction');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }\n');
  const mien = join(modules, '.bin', 'mien');
  writeFileSync(
    mien,
    `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'dist/apps/cli/main.js')}" "$@"\n`,
  );
  chmodSync(mien, 0o755);
  return folder;
}

function runBlock({ language, code, line }, folder) {
  if (language === 'sh') return run(folder, 'bash', ['-euo', 'pipefail', '-c', code]);
  const name = `block-${line}`;
  writeFileSync(join(folder, `${name}.ts`), code);
  return compile(folder, `${name}.ts`) && run(folder, process.execPath, [`${name}.js`]);
}

function compile(folder, file) {
  const options = {
    ...{ target: 'es2022', module: 'nodenext', strict: true, skipLibCheck: true, lib: ['es2023'] },
    ...{ noUncheckedIndexedAccess: true, types: ['node'], typeRoots: [join(root, 'node_modules/@types')] },
  };
  const config = join(folder, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ compilerOptions: options, files: [file] }));
  return run(folder, process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config]);
}

function run(folder, program, args) {
  const path = `${join(folder, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`;
  const env = { ...process.env, PATH: path, XDG_CACHE_HOME: join(folder, '.cache') };
  const { status, error } = spawnSync(program, args, { cwd: folder, stdio: 'inherit', env });
  if (error !== undefined) console.error(error.message);
  return status === 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  ensureInstalled();
  ensureBuilt();
  const { passed, failed } = runAll();
  for (const place of failed) console.error(`failed: ${place}`);
  console.log(`code blocks: ${passed} passed, ${failed.length} failed`);
  if (passed + failed.length === 0) console.log('No block is marked with <!-- run --> yet.');
  process.exitCode = failed.length > 0 ? 1 : 0;
}
