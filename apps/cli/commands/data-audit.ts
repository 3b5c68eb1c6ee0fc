import type { Command } from 'commander';

import { auditData, formatExactAudit } from '../../../src/node.js';
import { Display } from '../display.js';
import { dataOf, namesOf, wholeOf, withCache, withData, withDebug, withJson } from '../options.js';
import { print, printJson } from '../output.js';

interface AuditFlags {
  readonly data?: string;
  readonly classes?: readonly string[];
  readonly size: number;
  readonly cacheDir: string;
  readonly json?: true;
}

/** `mien data audit`. */
export function addAudit(data: Command): void {
  const command = withData(data.command('audit'))
    .description('Find exact copies, copies with different labels, constant pictures and leaks into test.')
    .option('--classes <names>', 'classes to compare (default: all that are there)', namesOf)
    .option('--size <pixels>', 'side at which pictures are compared', wholeOf, 48);
  withDebug(withJson(withCache(command))).action(async (path: string | undefined, flags: AuditFlags) => {
    const { json, ...options } = flags;
    const display = new Display();
    const audit = await auditData({ ...options, data: dataOf(path, flags) }, display).finally(() =>
      display.close(),
    );
    await (json === true ? printJson(audit) : print(`${formatExactAudit(audit)}\n`));
  });
}
