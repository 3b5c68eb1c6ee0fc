import type { Command } from 'commander';

import { textTable, writeDrawnFaces, type DrawnRecord, type WriteDrawnOptions } from '../../../src/node.js';
import { choiceOption, NAMES, namesOf, wholeOf, withDebug, withJson } from '../options.js';
import { report } from '../output.js';
import { WorkingLine } from '../working-line.js';

interface DrawFlags extends WriteDrawnOptions {
  readonly json?: true;
}

/** `mien data draw`. */
export function addDraw(data: Command): void {
  const command = data
    .command('draw')
    .description('Draw a set of faces (no photographs) to try things with.')
    .requiredOption('--out <folder>', 'data folder to write')
    .option('--train <n>', 'pictures in train/, all classes together', wholeOf, 1000)
    .option('--test <n>', 'pictures in test/, all classes together', wholeOf, 250)
    .option('--classes <names>', `classes (default: ${NAMES.emotions.join(',')})`, namesOf)
    .option('--seed <n>', 'seed of every random draw', wholeOf, 42)
    .addOption(
      choiceOption('--balance <rule>', 'as many of each class, or as FER2013 has them', [
        'equal',
        'fer2013',
      ]).default('equal'),
    );
  withDebug(withJson(command)).action(async ({ json, ...options }: DrawFlags) => {
    const working = new WorkingLine(process.stderr);
    const onProgress = (done: number, total: number) => working.update('drawing faces', done, total);
    const record = await writeDrawnFaces({ ...options, onProgress }).finally(() => working.close());
    await report(json, { ...record, out: options.out }, () => text(record, options.out));
  });
}

function text({ classes, train, test }: DrawnRecord, out: string): string {
  const table = textTable([
    ['class', ...classes],
    ['train', ...train.map(String)],
    ['test', ...test.map(String)],
  ]);
  return `${table}\n\nDrawn faces, not photographs: ${out}\n`;
}
