// Everything that must hold before a change is merged; .ci/run calls it after npm ci.
// Each step's failure counts, later steps run all the same, and the last line sums up.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './run.mjs';

const REPORTS = join(root, 'work', 'ci');

/** `tests`: the step's own report says how many tests passed; other steps count as one. */
const STEPS = [
  { name: 'tools', node: ['scripts/system-tools.mjs'] },
  { name: 'lint', npm: ['run', 'lint'] },
  { name: 'format', npm: ['run', 'format:check'] },
  { name: 'types', npm: ['run', 'typecheck'] },
  { name: 'test', npm: ['test'], tests: true },
  { name: 'test:data', npm: ['run', 'test:data'], tests: true },
  { name: 'test:browser', npm: ['run', 'test:browser'], tests: true },
  { name: 'test:docs', npm: ['run', 'test:docs'] },
  { name: 'test:interop', npm: ['run', 'test:interop'], tests: true },
];

rmSync(REPORTS, { recursive: true, force: true });
mkdirSync(REPORTS, { recursive: true });
const results = STEPS.map(runStep);
for (const { name, passed, failed, seconds } of results) {
  console.log(
    `${failed > 0 ? 'FAILED' : 'ok    '} ${name}: ${passed} passed, ${failed} failed (${seconds} s)`,
  );
}
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') > 0 ? 1 : 0;

function runStep({ name, npm, node, tests = false }) {
  console.log(`\n=== ${name}`);
  const report = join(REPORTS, `${name.replace(':', '-')}.json`);
  const reporters = ['--', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const started = Date.now();
  const [program, args] = node === undefined ? ['npm', npm] : [process.execPath, node];
  const { status } = spawnSync(program, [...args, ...(tests ? reporters : [])], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, CI: 'true' },
    shell: process.platform === 'win32',
  });
  const seconds = Math.round((Date.now() - started) / 1000);
  return { name, seconds, ...counted(status === 0, tests ? report : undefined) };
}

/** A step that failed without a failed test, by a crash for instance, counts as one failure. */
function counted(ok, report) {
  const { numPassedTests: passed, numFailedTests: failed } = readReport(report);
  if (passed === undefined || failed === undefined) return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
  return { passed, failed: ok ? failed : Math.max(1, failed) };
}

function readReport(path) {
  if (path === undefined) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // No report: the exit code alone counts.
    return {};
  }
}
