import type { Command } from 'commander';

import { examine, ortNode, type Diagnosis } from '../../../src/node.js';
import { EXIT, type SetExit } from '../exit.js';
import { withCache, withDebug, withJson } from '../options.js';
import { report } from '../output.js';

/** `mien doctor`. */
export function addDoctor(program: Command, setExit: SetExit): void {
  const command = program
    .command('doctor')
    .description('Check that this machine can train and predict; exit code 1 if it cannot.');
  withDebug(withJson(withCache(command))).action(
    async ({ cacheDir, json }: { readonly cacheDir: string; readonly json?: true }) => {
      const diagnosis = await examine({ runtime: ortNode(), cacheDir });
      await report(json, diagnosis, () => text(diagnosis));
      if (!diagnosis.ok) setExit(EXIT.wrong);
    },
  );
}

function text({ mien, ok, checks }: Diagnosis): string {
  const rows = checks.map(({ name, state, detail }) => `${state.padEnd(8)}${name.padEnd(16)}${detail}`);
  const verdict = ok ? 'This machine can train and predict.' : 'Something essential failed; see above.';
  return [`Mien ${mien}`, '', ...rows, '', verdict, ''].join('\n');
}
