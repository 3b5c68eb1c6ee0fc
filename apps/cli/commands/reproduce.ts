import type { Command } from 'commander';

import { formatReproduction, reproduceJob, type ReproduceOptions } from '../../../src/node.js';
import { EXIT, type SetExit } from '../exit.js';
import { withInterrupt } from '../interrupt.js';
import { repeated, wholeOf, withCache, withDebug, withJson } from '../options.js';
import { report } from '../output.js';

type Flags = Omit<ReproduceOptions, 'model' | 'train'> & { readonly json?: true };

/** `mien reproduce`. */
export function addReproduce(program: Command, setExit: SetExit): void {
  const command = program
    .command('reproduce')
    .description("Repeat a model's training from its own record, and compare.")
    .argument('<model>', 'shipped model or run folder')
    .option('--data <path>', "what it was trained on (default: the run's own data)")
    .option('--weights-dir <folder>', 'folder with files of pretrained weights (default: none)')
    .option('--out <folder>', 'new run folder (default: runs/reproduce-<model>, numbered when taken)')
    .option('--epochs <n>', 'at most so many epochs of each stage, to try it out (default: all)', wholeOf)
    .option(
      '--set <path=value>',
      'change a setting, e.g. where a file of votes lies; may be repeated',
      repeated,
    )
    .option('--dry-run', 'only say what would be done (default: do it)');
  withDebug(withJson(withCache(command)));
  command.addHelpText(
    'after',
    '\nVerdicts: equal, within the spread, different; shortened after --epochs, and after --set of anything but files. Exit code 1 for different.',
  );
  command.action((model: string, flags: Flags) => run(model, flags, setExit));
}

async function run(model: string, { json, ...flags }: Flags, setExit: SetExit): Promise<void> {
  await withInterrupt(
    'Finishing the step, then saving. Ctrl-C again quits at once.',
    async (hooks, display) => {
      const found = await reproduceJob({ ...flags, model }, hooks);
      display.close();
      await report(json, found, () => formatReproduction(found));
      if (found.comparison?.verdict === 'different') setExit(EXIT.wrong);
      if (!found.finished && flags.dryRun !== true) setExit(EXIT.interrupted);
    },
  );
}
