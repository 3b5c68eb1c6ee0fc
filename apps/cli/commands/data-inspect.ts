import type { Command } from 'commander';

import { formatInspection, inspectData } from '../../../src/node.js';
import { dataOf, withData, withDebug, withJson } from '../options.js';
import { report } from '../output.js';

/** `mien data inspect`. */
export function addInspect(data: Command): void {
  const command = data
    .command('inspect')
    .description('Count pictures per class and split, and look at their sizes.');
  withDebug(withJson(withData(command))).action(async (path: string | undefined, flags: Flags) => {
    const found = await inspectData(dataOf(path, flags));
    await report(flags.json, found, () => `${formatInspection(found)}\n`);
  });
}

interface Flags {
  readonly data?: string;
  readonly json?: true;
}
