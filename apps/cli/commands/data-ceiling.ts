import type { Command } from 'commander';

import { ceilingJob, formatCeiling } from '../../../src/node.js';
import { withDisplay } from '../display.js';
import { choiceOption, dataOf, namesOf, withCache, withData, withDebug, withJson } from '../options.js';
import { report } from '../output.js';

interface Flags {
  readonly data?: string;
  readonly votes: string;
  readonly split: 'train' | 'test';
  readonly classes?: readonly string[];
  readonly cacheDir: string;
  readonly json?: true;
}

/** `mien data ceiling`. */
export function addCeiling(data: Command): void {
  const command = withData(
    data.command('ceiling').description("How well people's votes meet the labels: a ceiling of accuracy."),
  )
    .requiredOption('--votes <file>', 'CSV of votes like FER+, also as .gz')
    .addOption(choiceOption('--split <split>', 'which pictures', ['test', 'train']).default('test'))
    .option('--classes <names>', 'only these classes (default: the five that are recognized)', namesOf);
  withDebug(withJson(withCache(command))).action(
    async (path: string | undefined, { json, ...flags }: Flags) => {
      const found = await withDisplay((display) =>
        ceilingJob({ ...flags, data: dataOf(path, flags) }, display),
      );
      await report(json, found, () => formatCeiling(found));
    },
  );
}
