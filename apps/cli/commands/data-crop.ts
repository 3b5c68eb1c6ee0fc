import type { Command } from 'commander';

import { cropFolder, MANY_FACES, ortNode, type CropSummary, type ManyFaces } from '../../../src/node.js';
import { withDisplay } from '../display.js';
import { choiceOption, numberOf, wholeOf, withDebug, withJson } from '../options.js';
import { report } from '../output.js';

interface CropFlags {
  readonly out: string;
  readonly size: number;
  readonly many: ManyFaces;
  readonly margin?: number;
  readonly json?: true;
}

/** Names shown of each list; all of them stand in the list file. */
const SHOWN = 10;

/** `mien data crop`. */
export function addCrop(data: Command): void {
  const command = data
    .command('crop')
    .description('Cut the faces out of photographs, upright and framed as FER2013, as pictures to train on.')
    .argument('<folder>', 'photographs, e.g. in a folder per class, which are kept')
    .requiredOption('--out <folder>', 'folder to write; an interrupted run goes on there')
    .option('--size <pixels>', 'height and width of the faces', wholeOf, 48)
    .addOption(
      choiceOption('--many <rule>', 'what to take of a picture with several faces', MANY_FACES).default(
        'largest',
      ),
    )
    .option(
      '--margin <share>',
      "added to a face's box on either side, as a share of it (default: FER2013's framing)",
      numberOf,
    );
  withDebug(withJson(command)).action(async (folder: string, { json, ...options }: CropFlags) => {
    const summary = await withDisplay((display) =>
      cropFolder({ ...options, folder, runtime: ortNode() }, display),
    );
    await report(json, summary, () => textOf(summary));
  });
}

function textOf({ out, pictures, faces, none, many, unread }: CropSummary): string {
  return [
    `${faces} faces of ${pictures} pictures: ${out}`,
    ...listOf('no face', none),
    ...listOf('several faces', many),
    ...listOf('not readable', unread),
    '',
  ].join('\n');
}

function listOf(title: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > SHOWN ? [`  and ${names.length - SHOWN} more in crops.jsonl`] : [];
  return [`${title}: ${names.length}`, ...names.slice(0, SHOWN).map((name) => `  ${name}`), ...more];
}
