import { InvalidArgumentError, type Command } from 'commander';

import {
  auditData,
  cleanReasons,
  defaultCleanReasons,
  formatDataAudit,
  UsageError,
  writeAudit,
  writeCleanList,
  type CleanReason,
} from '../../../src/node.js';
import { Display } from '../display.js';
import { dataOf, namesOf, wholeOf, withCache, withData, withDebug, withJson } from '../options.js';
import { print, printJson } from '../output.js';

interface AuditFlags {
  readonly data?: string;
  readonly classes?: readonly string[];
  readonly size: number;
  readonly ferplus?: string;
  readonly run?: readonly string[];
  readonly out?: string;
  readonly writeClean?: string;
  readonly clean?: readonly CleanReason[];
  readonly cacheDir: string;
  readonly json?: true;
}

/** `mien data audit`. */
export function addAudit(data: Command): void {
  const command = withData(data.command('audit'))
    .description(
      'Find copies and near copies, leaks into test, probable label errors, pictures that are no faces, blur.',
    )
    .option('--classes <names>', 'classes to compare (default: all that are there)', namesOf)
    .option('--size <pixels>', 'side at which pictures are compared', wholeOf, 48)
    .option('--ferplus <file>', "CSV of people's votes by file name, also .gz (default: none)")
    .option(
      '--run <folders>',
      'finished runs whose answers to their own validation parts say which labels are probably wrong (default: none)',
      namesOf,
    )
    .option('--out <folder>', 'folder for audit.html and audit.json (default: none)')
    .option('--write-clean <list>', 'file to write for "mien train --exclude" (default: none)')
    .option(
      '--clean <reasons>',
      `what the list holds, among ${cleanReasons.join(', ')} (default: ${defaultCleanReasons.join(',')})`,
      reasonsOf,
    );
  withDebug(withJson(withCache(command))).action(runAudit);
}

async function runAudit(path: string | undefined, flags: AuditFlags): Promise<void> {
  const { json, out, writeClean, clean, ferplus, run, ...options } = flags;
  checkUsage(flags);
  const display = new Display();
  try {
    const audited = await auditData(
      {
        ...options,
        data: dataOf(path, flags),
        ...(ferplus === undefined ? {} : { votes: ferplus }),
        ...(run === undefined ? {} : { runs: run }),
      },
      display,
    );
    const files = out === undefined ? undefined : await writeAudit(out, audited, display);
    const listed = writeClean === undefined ? undefined : writeCleanList(writeClean, audited, clean);
    display.close();
    if (json === true) {
      await printJson(audited.audit);
      return;
    }
    await print(`${formatDataAudit(audited.audit)}\n`);
    if (files !== undefined) await print(`\nReport: ${files.html}, ${files.json}\n`);
    if (writeClean !== undefined) await print(`\n${listed ?? 0} pictures to leave out: ${writeClean}\n`);
  } finally {
    display.close();
  }
}

function checkUsage({ clean, writeClean }: AuditFlags): void {
  if (clean === undefined || writeClean !== undefined) return;
  const expected = 'a file for the list too';
  throw new UsageError({ where: '--clean', received: 'no --write-clean', expected });
}

function reasonsOf(text: string): CleanReason[] {
  return namesOf(text).map((name) => {
    const reason = cleanReasons.find((known) => known === name);
    if (reason === undefined)
      throw new InvalidArgumentError(`"${name}" is none of ${cleanReasons.join(', ')}.`);
    return reason;
  });
}
