import type { Command } from 'commander';

import { exportFormats, exportJob, SHIPPED } from '../../../src/node.js';
import { choiceOption, namesOf, withDebug, withJson } from '../options.js';
import { print, printJson } from '../output.js';

interface ExportFlags {
  readonly format: string;
  readonly out: string;
  readonly compiled?: true;
  readonly classes?: readonly string[];
  readonly preprocessing?: string;
  readonly json?: true;
}

/** `mien export`. */
export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description('Write a model in the format of other tools.')
    .argument('<model>', `run folder, .keras or .h5 file, or shipped model (${SHIPPED.join(', ')})`)
    .addOption(choiceOption('--format <name>', 'what to write', exportFormats).makeOptionMandatory())
    .option('--out <folder>', 'where to write it', 'exported')
    .option(
      '--compiled',
      'keras: with an Adam optimizer and a cross-entropy loss, ready for model.fit; a focal loss and a schedule are left out (default: uncompiled)',
    )
    .option(
      '--classes <names>',
      'names of the outputs, for a model that came without (default: its own)',
      namesOf,
    )
    .option(
      '--preprocessing <file>',
      'record of a model that came without: JSON file or name (default: its own)',
    );
  withDebug(withJson(command)).action(async (source: string, { json, ...flags }: ExportFlags) => {
    const exported = await exportJob({ ...flags, model: source });
    await (json === true
      ? printJson({ version: 1, ...exported })
      : print(exported.files.map(({ path, bytes }) => `${path} (${bytes} bytes)\n`).join('')));
  });
}
