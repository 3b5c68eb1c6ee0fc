import type { Command } from 'commander';

import {
  auditData,
  cleanReasons,
  defaultCleanReasons,
  formatDataAudit,
  UsageError,
  writeAudit,
  writeCleanList,
  type AuditedData,
  type AuditFiles,
  type CleanReason,
} from '../../../src/node.js';
import { withDisplay } from '../display.js';
import { dataOf, namesOf, someOf, wholeOf, withCache, withData, withDebug, withJson } from '../options.js';
import { report } from '../output.js';

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
      someOf(cleanReasons),
    );
  withDebug(withJson(withCache(command))).action(runAudit);
}

async function runAudit(path: string | undefined, flags: AuditFlags): Promise<void> {
  const { json, out, writeClean, clean, ferplus, run, ...options } = flags;
  checkUsage(flags);
  const done = await withDisplay(async (display) => {
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
    return { audit: audited.audit, files, listed };
  });
  await report(json, done.audit, () => textOf(done, writeClean));
}

interface Done {
  readonly audit: AuditedData['audit'];
  readonly files: AuditFiles | undefined;
  readonly listed: number | undefined;
}

function textOf({ audit, files, listed }: Done, writeClean: string | undefined): string {
  const written = files === undefined ? '' : `\nReport: ${files.html}, ${files.json}\n`;
  const clean = writeClean === undefined ? '' : `\n${listed ?? 0} pictures to leave out: ${writeClean}\n`;
  return `${formatDataAudit(audit)}\n${written}${clean}`;
}

function checkUsage({ clean, writeClean }: AuditFlags): void {
  if (clean === undefined || writeClean !== undefined) return;
  const expected = 'a file for the list too';
  throw new UsageError({ where: '--clean', received: 'no --write-clean', expected });
}
