import { join } from 'node:path';

import { InvalidArgumentError, type Command } from 'commander';

import { formatSweep, sweepJob, type SweepOptions, type SweepOutcome } from '../../../src/node.js';
import { fastKernels } from '../environment.js';
import { EXIT, type SetExit } from '../exit.js';
import { withInterrupt } from '../interrupt.js';
import { partOf, wholeOf, withCache, withDebug, withJson } from '../options.js';
import { report } from '../output.js';

interface SweepFlags extends Omit<SweepOptions, 'file'> {
  readonly cacheDir: string;
  readonly json?: true;
}

/** `mien sweep`. */
export function addSweep(program: Command, setExit: SetExit): void {
  const command = program
    .command('sweep')
    .description("Search over a recipe's settings: grid, random draws, successive halving.")
    .argument('<file>', 'sweep.yaml: data, recipe, parameters and how to search')
    .option('--data <path>', "data folder or CSV file (default: the file's)")
    .option('--out <folder>', "folder of the table and of the runs (default: the file's, else runs/sweep)")
    .option('--workers <n>', "trainings at the same time (default: the file's, else 1)", workersOf)
    .option('--shard <i/n>', 'do every n-th trial only, for one of n machines (default: all)', partOf)
    .option('--report', 'train nothing: make the table of what is there, of all shards (default: off)')
    .option('--retry', 'try trials again that failed (default: off)')
    .option('--weights-dir <folder>', 'folder with files of pretrained weights (default: none)');
  withDebug(withJson(withCache(command)));
  command.addHelpText(
    'after',
    '\nCtrl-C finishes the steps and saves; the same command goes on. MIEN_FAST=0 turns the fast kernels off.',
  );
  command.action((file: string, flags: SweepFlags) => runSweep(file, flags, setExit));
}

async function runSweep(file: string, { json, ...options }: SweepFlags, setExit: SetExit): Promise<void> {
  const said = 'Finishing the steps, then saving. Ctrl-C again quits at once.';
  await withInterrupt(said, async (hooks, display) => {
    const outcome = await sweepJob({ ...options, file, fast: fastKernels() }, hooks);
    display.close();
    const { finished, out, result } = outcome;
    await report(json, { ...result, finished, out }, () => textOf(outcome));
    if (finished) return;
    process.stderr.write('Stopped and saved. The same command goes on.\n');
    setExit(EXIT.interrupted);
  });
}

function textOf({ out, result }: SweepOutcome): string {
  const files = ['sweep.md', 'sweep.png', 'sweep.json'].map((name) => join(out, name));
  return `${formatSweep(result)}\nTable and chart: ${files.join(', ')}\n`;
}

function workersOf(text: string): number {
  const workers = wholeOf(text);
  if (workers < 1) throw new InvalidArgumentError('At least one is needed.');
  return workers;
}
