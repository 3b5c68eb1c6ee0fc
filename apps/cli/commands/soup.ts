import type { Command } from 'commander';

import { ortNode, soupJob, type Soup } from '../../../src/node.js';
import { withDisplay } from '../display.js';
import { choiceOption, wholeOf, withCache, withDebug, withJson } from '../options.js';
import { report } from '../output.js';

interface SoupFlags {
  readonly out: string;
  readonly method: 'greedy' | 'uniform';
  readonly batches: number;
  readonly cacheDir: string;
  readonly json?: true;
}

/** `mien soup`. */
export function addSoup(program: Command): void {
  const command = program
    .command('soup')
    .description('Average the weights of finished runs into one model.')
    .argument('<runs...>', 'two or more run folders of one net on the same data')
    .requiredOption('--out <file>', 'the .keras file to write')
    .addOption(
      choiceOption('--method <name>', 'keep a run only where validation does not suffer, or take all', [
        'greedy',
        'uniform',
      ]).default('greedy'),
    )
    .option('--batches <n>', 'batches of 64 training pictures for new batch-norm statistics', wholeOf, 50);
  withDebug(withJson(withCache(command))).action(runSoup);
}

async function runSoup(runs: readonly string[], { json, ...flags }: SoupFlags): Promise<void> {
  const soup = await withDisplay((display) => soupJob({ runs, ...flags, runtime: ortNode() }, display));
  await report(json, { version: 1, ...soup }, () => textOf(soup));
}

function textOf({ ingredients, accuracy, out, method }: Soup): string {
  const share = (value: number | null) => (value === null ? 'not measured' : value.toFixed(4));
  const rows = ingredients.map(
    ({ run, accuracy: own, used }) => `${used ? 'used    ' : 'left out'} ${share(own)}  ${run}`,
  );
  return [...rows, `${method} soup ${share(accuracy)}  ${out}`, ''].join('\n');
}
