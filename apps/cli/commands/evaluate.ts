import type { Command } from 'commander';

import {
  evaluateJob,
  formatReport,
  ortNode,
  type Averaging,
  type EvaluationSplit,
} from '../../../src/node.js';
import { withDisplay } from '../display.js';
import { choiceOption, namesOf, withCache, withDebug, withJson, withModel } from '../options.js';
import { report } from '../output.js';

interface EvaluateFlags {
  readonly model: string;
  readonly data?: string;
  readonly split: EvaluationSplit;
  readonly classes?: readonly string[];
  readonly flip?: true;
  readonly average?: Averaging;
  readonly preprocessing?: string;
  readonly out?: string;
  readonly cacheDir: string;
  readonly json?: true;
}

/** `mien evaluate`. */
export function addEvaluate(program: Command): void {
  const command = program.command('evaluate').description('Measure a model on labelled pictures.');
  withModel(command)
    .option(
      '--data <path>',
      "folder with <split>/<class>/, or a file like fer2013.csv (default: the run's own data)",
    )
    .addOption(
      choiceOption('--split <split>', 'which pictures; validation needs a run folder', [
        'test',
        'validation',
        'train',
      ]).default('test'),
    )
    .option('--classes <names>', "only these of the model's classes (default: all of them)", namesOf)
    .option('--out <folder>', 'folder of the report (default: evaluation/ of the run folder, else none)');
  withDebug(withJson(withCache(command))).action(runEvaluate);
}

async function runEvaluate({ json, ...flags }: EvaluateFlags): Promise<void> {
  const { evaluation, out } = await withDisplay((display) =>
    evaluateJob({ ...flags, runtime: ortNode() }, display),
  );
  const document = { ...evaluation, model: flags.model, out: out ?? null };
  await report(json, document, () => formatReport(evaluation) + place(out));
}

function place(out: string | undefined): string {
  return out === undefined
    ? '\n--out FOLDER keeps this report, with pictures.\n'
    : `\nReport and pictures: ${out}\n`;
}
