import type { Command } from 'commander';

import { splitData, textTable, writeFileAtomic, type SplitList } from '../../../src/node.js';
import { withDisplay } from '../display.js';
import {
  choiceOption,
  dataOf,
  namesOf,
  numberOf,
  partOf,
  wholeOf,
  withCache,
  withData,
  withDebug,
  withJson,
} from '../options.js';
import { report } from '../output.js';

interface SplitFlags {
  readonly data?: string;
  readonly classes?: readonly string[];
  readonly validation: number;
  readonly seed: number;
  readonly splitGroups?: 'exact' | 'near';
  readonly fold?: { readonly part: number; readonly of: number };
  readonly out: string;
  readonly cacheDir: string;
  readonly json?: true;
}

/** `mien data split`. */
export function addSplit(data: Command): void {
  const command = withData(data.command('split'))
    .description('List which training pictures train and which validate, copies on one side.')
    .option('--validation <share>', 'share of each class that validates', numberOf, 0.2)
    .option('--fold <i/k>', 'part i of k validates instead (default: a share)', partOf)
    .addOption(
      choiceOption('--split-groups <kind>', 'copies that stay together', ['exact', 'near']).default('exact'),
    )
    .option('--seed <n>', 'seed of the shuffle', wholeOf, 42)
    .option('--classes <names>', 'classes to divide (default: all that are there)', namesOf)
    .option('--out <file>', 'JSON file to write', 'split.json');
  withDebug(withJson(withCache(command))).action(runSplit);
}

async function runSplit(path: string | undefined, flags: SplitFlags): Promise<void> {
  const { json, out, validation: fraction, ...options } = flags;
  const list = await withDisplay((display) =>
    splitData({ ...options, fraction, data: dataOf(path, flags) }, display),
  );
  writeFileAtomic(out, `${JSON.stringify(list, null, 2)}\n`);
  await report(json, { ...list, out }, () => `${countsOf(list)}\n\nNames in ${out}\n`);
}

function countsOf({ classes, counts }: SplitList): string {
  const column = (numbers: readonly number[]) => [
    ...numbers.map(String),
    String(numbers.reduce((a, b) => a + b, 0)),
  ];
  return textTable([
    ['class', ...classes, 'all'],
    ['train', ...column(counts.train)],
    ['validation', ...column(counts.validation)],
  ]);
}
